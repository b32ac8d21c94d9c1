"""Door 2, the console: what supervisors and the office see, cut to their scope."""

from fastapi import APIRouter, Depends

from app.console import tiles
from app.console.routes import (
    accounts,
    appeals,
    board,
    calendar,
    check_ins,
    circular,
    circular_template,
    clients,
    coverage,
    directory,
    directory_changes,
    duplicates,
    exports,
    flags,
    geofences,
    imports,
    leave,
    looks,
    notices,
    person_sheet,
    photos,
    privacy,
    reviews,
    roster,
    rules,
    settings,
    tracks,
)
from app.http.errors import RESPONSES
from app.http.texts import storable

router = APIRouter(
    prefix="/v1/counties/{county_id}",
    responses=RESPONSES,
    dependencies=[Depends(storable)],
    generate_unique_id_function=lambda route: route.name,
)
for part in (
    directory,
    person_sheet,
    roster,
    directory_changes,
    duplicates,
    accounts,
    imports,
    geofences,
    rules,
    board,
    flags,
    appeals,
    leave,
    calendar,
    check_ins,
    reviews,
    photos,
    clients,
    notices,
    settings,
    looks,
    tracks,
    coverage,
    exports,
    circular,
    circular_template,
    privacy,
    tiles,
):
    router.include_router(part.router)
