"""The database itself refuses to change or delete audit entries; only the link to an actor who left may go.

SQLite guards changes only: emptying tables between tests deletes rows there.
"""

from django.db import migrations

POSTGRES = """
CREATE FUNCTION accounts_keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.actor_id IS NULL AND to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit entries are only ever added';
END $$;
CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON accounts_auditentry
FOR EACH ROW EXECUTE FUNCTION accounts_keep_audit();
"""
SQLITE = """
CREATE TRIGGER keep_audit BEFORE UPDATE OF id, actor_label, action, subject_type, subject_id, subject_label, fields,
request_id, created_at ON accounts_auditentry
BEGIN SELECT RAISE(ABORT, 'audit entries are only ever added'); END
"""


def guard(apps, schema_editor):
    schema_editor.execute(POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE)


def free(apps, schema_editor):
    on_postgres = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute("DROP TRIGGER keep_audit" + (" ON accounts_auditentry" if on_postgres else ""))
    if on_postgres:
        schema_editor.execute("DROP FUNCTION accounts_keep_audit()")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_no_password_without_proof")]

    operations = [migrations.RunPython(guard, free)]
