-- wrk's request: one employee to score
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"employees":[{"employee_id":"E-1042","years_of_experience":6.5,"performance_score":82}]}'
