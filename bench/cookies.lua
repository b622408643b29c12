-- SPDX-License-Identifier: Apache-2.0
-- For wrk: a cookie of its own for each request, in turn. The file that holds
-- them, a Cookie header a line, is the script's argument.
local requests, last = {}, 0

function init(args)
    for line in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", nil, {["Cookie"] = line})
    end
    -- wrk has an interpreter for each thread: let them begin apart.
    math.randomseed(tonumber(tostring(requests):match("0x(%x+)"), 16))
    last = math.random(#requests)
end

function request()
    last = last % #requests + 1
    return requests[last]
end
