"""PostgreSQL's type for paths in a tree, which SQLAlchemy does not know."""

from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType


class Ltree(UserDefinedType[str]):
    """A path in a tree, such as `451029.z100.s1`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "LTREE"


ischema_names["ltree"] = Ltree  # so that `alembic check` can compare the column
