-- For wrk: posts the file named in the argument, and says in one line of JSON what came of it.

local path

function init(arguments)
  path = arguments[1]
  local file = io.open(path, "rb")
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = file:read("*a")
  file:close()
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
  local line = '{"requests": %d, "microseconds": %d, "failed": %d, "p50": %d, "p99": %d}'
  print(line:format(summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
