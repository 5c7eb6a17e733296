-- Lists of a tenant cost what that tenant has, whatever others have.
CREATE INDEX approval_pending_page ON approval (tenant, id) WHERE state = 'pending';
-- Groups of other tenants may have the same name.
CREATE INDEX group_member_copy_page ON group_member_copy (tenant, "group") WHERE is_member;
DROP INDEX group_member_copy_group;
