-- Lists of a tenant cost what that tenant has, whatever others have.
CREATE INDEX request_holders ON request (tenant, access_package, target_subject) WHERE is_live;
CREATE INDEX request_standing ON request (tenant, id) WHERE is_live OR open_change IS NOT NULL;
CREATE INDEX configuration_page ON configuration (tenant, id);
CREATE INDEX organization_end_tenant ON organization_end (tenant, begun_at);
