-- What was granted to an organization's people and is over: written when it ends, so it costs nothing before.
CREATE INDEX request_granted_organization ON request (organization)
  WHERE organization IS NOT NULL AND NOT is_live AND state IN ('delivered', 'deliveryFailed');
