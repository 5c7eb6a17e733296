-- What went wrong at targets is stored in closed words alone: what targets say of it may name people.
ALTER TABLE entitlement ADD CONSTRAINT entitlement_last_error CHECK (
  last_error IN ('', 'connectorUnavailable', 'outcomeUnknown', 'resourceMissing', 'connectorRefused'));
ALTER TABLE account_attribute ADD CONSTRAINT account_attribute_last_error CHECK (
  last_error IN ('', 'connectorUnavailable', 'outcomeUnknown', 'resourceMissing', 'connectorRefused'));
ALTER TABLE assignment ADD CONSTRAINT assignment_attribute_failure CHECK (
  attribute_failure IN ('connectorUnavailable', 'resourceMissing', 'connectorRefused'));
