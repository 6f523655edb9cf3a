-- wrk's requests: one employee each, a thousand in turn, years to a tenth and whole scores as HR systems have them
local bodies, turn = {}, 0

function init()
  math.randomseed(20261124)
  for i = 1, 1000 do
    bodies[i] = string.format(
      '{"employees":[{"employee_id":"E-%d","years_of_experience":%.1f,"performance_score":%d}]}',
      i, math.random(0, 450) / 10, math.random(0, 100))
  end
end

function request()
  turn = turn % #bodies + 1
  return wrk.format("POST", nil, { ["Content-Type"] = "application/json" }, bodies[turn])
end
