"""Which forms of a statement Citus cannot plan, seen in the statement's tree: no cluster is needed.

Each was refused, or answered wrongly, by Citus 13.2 on a coordinator and two workers. "Distributed" are
the tables of stories.operation.citus; all others, temporary ones too, are local to the coordinator.
What stands in a CTE is read by the coordinator first if it says `as materialized`; else it counts as
what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pglast import ast, parse_sql
from pglast.enums import JoinType

from stories.operation.citus import DISTRIBUTED

# Functions of the migrations that read local tables: they cannot run on a worker.
READ_LOCAL_TABLES = frozenset({"is_tester", "is_sealed", "version_before"})
CHANGES = (ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)
QUERIES = (ast.SelectStmt, *CHANGES)

# The view over events that answers read, planned as what it stands for.
VIEWS = ("facts", "facts_of_people")

LATERAL = "a lateral over a distributed table"
CORRELATED = "a correlated subquery over a distributed table"
FUNCTION = "a function that reads a local table, beside a distributed one"
LOCK = "a row lock on a distributed table"
NO_COLUMNS = "a select without columns from a distributed table"
OUTER_JOIN = "an outer join of a distributed table to a local one"
LOCAL_CHANGE = "a change of a local table joined with a distributed one"
CHANGE_IN_CTE = "a change of a local table in a CTE that joins a distributed one"
PLACE = "the place of a row (ctid, tableoid) of a distributed table: each shard has it"


def refused_forms(
    statement: str, columns: Mapping[str, Collection[str]], shadowed: Collection[str] = ()
) -> set[str]:
    """statement: SQL with psycopg2's placeholders. columns: of the tables by name, to tell whose an
    unqualified one is. shadowed: names that here mean temporary tables, unless `public.` says
    otherwise."""
    text = re.sub(r"%\((\w+)\)s", "$1", statement).replace("%%", "%")
    walk = _Walk(columns, frozenset((*DISTRIBUTED, *VIEWS)) - frozenset(shadowed))
    for raw in parse_sql(text):
        walk.query(raw.stmt, {}, {})
    return walk.refused


class _Walk:
    def __init__(self, columns: Mapping[str, Collection[str]], plain: frozenset[str]) -> None:
        self._columns = columns
        self._plain = plain
        self.refused: set[str] = set()

    def query(self, node: Any, ctes: dict[str, bool], outer: dict[str, bool]) -> None:
        """ctes, and outer for what the queries around this one join: by name, whether it reads a
        distributed table."""
        if not isinstance(node, QUERIES):
            for inner in _inner_queries(node):
                self.query(inner, ctes, outer)
            return
        ctes = self._with(node, ctes, outer)
        if isinstance(node, ast.SelectStmt) and node.larg:
            self.query(node.larg, ctes, outer)
            self.query(node.rarg, ctes, outer)
            return
        items = list(_from(node))
        within = outer | {_alias(item): self._reads(item, ctes) for item in items}
        reads = any(self._reads(item, ctes) for item in items)
        self._select(node, reads)
        self._items(node, items, reads, ctes)
        for item in items:
            if isinstance(item, ast.RangeSubselect):
                self.query(item.subquery, ctes, within if item.lateral else outer)
        for inner in _inner_queries(node):
            if (
                self._is_correlated(inner, within)
                and (reads or self._reads(inner, ctes))
                and not self._is_of_one_person(inner, within, ctes)
            ):
                self.refused.add(CORRELATED)
            self.query(inner, ctes, within)

    def _with(self, node: Any, ctes: dict[str, bool], outer: dict[str, bool]) -> dict[str, bool]:
        clause = getattr(node, "withClause", None)
        ctes = dict(ctes)
        for cte in clause.ctes if clause else ():
            self.query(cte.ctequery, ctes, outer)
            reads = self._reads(cte.ctequery, ctes)
            changes = cte.ctequery if isinstance(cte.ctequery, CHANGES) else None
            if (
                changes
                and self._joins_both(changes, ctes)
                and not self._is_distributed(changes.relation, ctes)
            ):
                self.refused.add(CHANGE_IN_CTE)
            ctes[cte.ctename] = reads and cte.ctematerialized.name != "CTEMaterializeAlways"
        return ctes

    def _joins_both(self, node: Any, ctes: dict[str, bool]) -> bool:
        """Whether a query in it joins a distributed table with one that is not."""
        return any(
            {self._reads(item, ctes) for item in _from(query)} == {True, False}
            for query in _all(node, QUERIES)
        )

    def _select(self, node: Any, reads: bool) -> None:
        if reads and getattr(node, "lockingClause", None):
            self.refused.add(LOCK)
        if reads and isinstance(node, ast.SelectStmt) and not node.targetList:
            self.refused.add(NO_COLUMNS)
        if reads and any(
            reference.fields[-1].sval in ("ctid", "tableoid")
            for reference in _own(node, ast.ColumnRef)
            if isinstance(reference.fields[-1], ast.String)
        ):
            self.refused.add(PLACE)
        if reads and any(_name(call) in READ_LOCAL_TABLES for call in _own(node, ast.FuncCall)):
            self.refused.add(FUNCTION)

    def _items(self, node: Any, items: list[Any], reads: bool, ctes: dict[str, bool]) -> None:
        for item in items:
            is_lateral = getattr(item, "lateral", False) or (
                isinstance(item, ast.RangeFunction) and any(_own(item, ast.ColumnRef))
            )
            if is_lateral and (reads or self._reads(item, ctes)):
                self.refused.add(LATERAL)
        for join in _own(node, ast.JoinExpr):
            kept, added = {
                JoinType.JOIN_LEFT: (join.larg, join.rarg),
                JoinType.JOIN_RIGHT: (join.rarg, join.larg),
            }.get(join.jointype, (None, None))
            if added is not None and self._reads(added, ctes) and not self._reads(kept, ctes):
                self.refused.add(OUTER_JOIN)
        if isinstance(node, (ast.UpdateStmt, ast.DeleteStmt)) and not self._is_distributed(
            node.relation, ctes
        ):
            used = getattr(node, "fromClause", None) or getattr(node, "usingClause", None) or ()
            if any(self._reads(item, ctes) for item in used):
                self.refused.add(LOCAL_CHANGE)

    def _reads(self, node: Any, ctes: dict[str, bool]) -> bool:
        """Whether a table that is read in it, however deep, is distributed."""
        inner = dict(ctes)
        for cte in _all(node, ast.CommonTableExpr):
            always = cte.ctematerialized.name == "CTEMaterializeAlways"
            inner[cte.ctename] = not always and self._reads(cte.ctequery, inner)
        target = node.relation if isinstance(node, CHANGES) else None
        return any(
            self._is_distributed(table, inner)
            for table in _all(node, ast.RangeVar, ast.CommonTableExpr)
            if table is not target or not isinstance(node, ast.InsertStmt)
        )

    def _is_distributed(self, table: Any, ctes: dict[str, bool]) -> bool:
        if not isinstance(table, ast.RangeVar):
            return False
        name = str(table.relname)
        return (
            name in DISTRIBUTED
            if table.schemaname == "public"
            else ctes.get(name, name in self._plain)
        )

    def _is_correlated(self, query: Any, outer: dict[str, bool]) -> bool:
        """Whether it uses a column of a query around it."""
        if not isinstance(query, ast.SelectStmt):
            return False
        own = {_alias(item) for select in _all(query, ast.SelectStmt) for item in _from(select)}
        bases = [item for item in _from(query) if isinstance(item, ast.RangeVar)]
        columns = self._columns.get(str(bases[0].relname)) if bases else None
        own_columns = columns if len(list(_from(query))) == 1 else None
        for reference in _all(query, ast.ColumnRef):
            fields = [getattr(field, "sval", "*") for field in reference.fields]
            if len(fields) > 1 and fields[0] in outer and fields[0] not in own:
                return True
            if (
                len(fields) == 1
                and own_columns is not None
                and fields[0] not in {"*", *own_columns, *own}
            ):
                return True
        return False

    def _is_of_one_person(self, query: Any, outer: dict[str, bool], ctes: dict[str, bool]) -> bool:
        """Whether it joins distributed tables alone, by user_id, so that each worker can do it."""
        if not all(self._is_distributed(item, ctes) for item in _from(query)):
            return False
        own = {_alias(item) for item in _from(query)}
        return any(
            {owner in own for owner in owners} == {True, False}
            and all(owner in own or outer.get(owner) for owner in owners)
            for owners in _equal_persons(query)
        )


def _equal_persons(query: Any) -> Iterator[tuple[str, str]]:
    """Whose user_ids a query compares, also as a part of rows: (a.user_id, …) = (b.user_id, …)."""
    for comparison in _all(query, ast.A_Expr):
        if comparison.name[-1].sval != "=":
            continue
        sides = [
            (side.args or ()) if isinstance(side, ast.RowExpr) else (side,)
            for side in (comparison.lexpr, comparison.rexpr)
        ]
        for pair in zip(*sides, strict=False):
            fields = [
                [getattr(field, "sval", "") for field in side.fields or ()]
                for side in pair
                if isinstance(side, ast.ColumnRef)
            ]
            if [names[-1] for names in fields] == ["user_id", "user_id"]:
                yield fields[0][0], fields[1][0]


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, tuple):
        yield from node
    elif isinstance(node, ast.Node):
        for name in node:
            value = getattr(node, name)
            if isinstance(value, (tuple, ast.Node)):
                yield value


def _all(
    node: Any, kind: type | tuple[type, ...], but: type | tuple[type, ...] = ()
) -> Iterator[Any]:
    """Every node of a kind in a tree, itself too; not inside nodes of the kind `but`."""
    if isinstance(node, kind):
        yield node
    for child in _children(node):
        if not (but and isinstance(child, but)):
            yield from _all(child, kind, but)


def _own(node: Any, kind: type) -> Iterator[Any]:
    """Those of a query itself: not of its subqueries and CTEs."""
    for child in _children(node):
        if isinstance(child, kind):
            yield child
        if not isinstance(child, (*QUERIES, ast.WithClause)):
            yield from _own(child, kind)


def _inner_queries(node: Any) -> Iterator[Any]:
    """Subqueries in expressions; those in `from` are its items."""
    for child in _children(node):
        if isinstance(child, QUERIES):
            yield child
        elif not isinstance(child, (ast.WithClause, ast.RangeSubselect)):
            yield from _inner_queries(child)


def _from(node: Any) -> Iterator[Any]:
    """What a query joins: tables, subqueries, functions."""
    clauses = [getattr(node, name, None) for name in ("fromClause", "usingClause")]
    if isinstance(node, (ast.UpdateStmt, ast.DeleteStmt)):
        clauses.append(node.relation)
    waiting = list(clauses)
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting += item
        elif isinstance(item, ast.JoinExpr):
            waiting += [item.larg, item.rarg]
        elif item is not None:
            yield item


def _alias(item: Any) -> str:
    alias = getattr(item, "alias", None)
    return alias.aliasname if alias else getattr(item, "relname", "")


def _name(call: Any) -> str:
    return str(call.funcname[-1].sval)
