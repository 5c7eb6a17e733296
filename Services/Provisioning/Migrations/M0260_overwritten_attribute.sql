-- What somebody else had put into an attribute of an account before we wrote over it: it is given back in the end.
ALTER TABLE account_attribute ADD COLUMN overwritten text;
