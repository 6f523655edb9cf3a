-- wrk's request: the body in the file that is named after the address, then its Content-Type, then more headers as
-- "name: value"
function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  wrk.method = "POST"
  wrk.headers["Content-Type"] = arguments[2]
  wrk.body = file:read("*a")
  file:close()
  for i = 3, #arguments do
    local name, value = arguments[i]:match("^(.-): (.*)$")
    wrk.headers[name] = value
  end
end
