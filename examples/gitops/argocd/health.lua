-- The health of an EmbeddingJob, from its conditions. Argo CD gives a health check `obj` and Lua without its string library.
local health = {status = "Progressing", message = "Waiting for the operator"}

if obj.status == nil or obj.status.conditions == nil then
  return health
end

-- A status that speaks of an older manifest says nothing about this one.
if obj.status.observedGeneration ~= obj.metadata.generation then
  health.message = "Waiting for the operator to see the newest manifest"
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end

local function isTrue(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local function messageOf(type)
  return conditions[type] ~= nil and conditions[type].message or ""
end

-- A job that failed and was suspended afterwards has still failed. One whose budget is used up needs a person, and one that
-- Kueue holds back waits for its turn: both are Suspended, and no person wanted them to be.
if isTrue("Stalled") then
  health.status = "Degraded"
  health.message = messageOf("Stalled")
elseif isTrue("Suspended") and conditions.Suspended.reason == "BudgetExhausted" then
  health.status = "Degraded"
  health.message = messageOf("Suspended")
elseif isTrue("Suspended") and conditions.Suspended.reason == "Suspended" then
  health.status = "Suspended"
  health.message = messageOf("Suspended")
elseif isTrue("Ready") then
  health.status = "Healthy"
  health.message = messageOf("Ready")
else
  health.message = messageOf("Ready")
end

return health
