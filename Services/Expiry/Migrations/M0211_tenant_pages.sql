-- Lists of a tenant cost what that tenant has, whatever others have.
CREATE INDEX deadline_page ON deadline (tenant, due_at, aggregate) WHERE due_at IS NOT NULL;
