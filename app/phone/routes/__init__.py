"""Door 1, the phone: everything here, and nothing else, is in mobile_api_spec/openapi.yaml."""

from fastapi import APIRouter, Depends

from app.http.direct import DirectRoute
from app.http.errors import RESPONSES
from app.http.texts import storable
from app.phone.routes import (
    appeals,
    auth,
    checkins,
    client_keys,
    leave,
    me,
    notice_settings,
    photos,
    positions,
    privacy,
    second_factor,
    seen_by,
    sessions,
    sign_ins,
    tracks,
)

router = APIRouter(
    prefix="/v1",
    responses=RESPONSES,
    dependencies=[Depends(storable)],
    generate_unique_id_function=lambda route: route.name,
)
for part in (
    checkins,
    positions,
    auth,
    sessions,
    sign_ins,
    second_factor,
    me,
    photos,
    client_keys,
    tracks,
    appeals,
    leave,
    notice_settings,
    seen_by,
    privacy,
):
    router.include_router(part.router)

DIRECT = [DirectRoute(f"/v1{path}", post, methods=["POST"]) for path, post in checkins.DIRECT.items()]
"""Nearly all that phones send; to be tried before anything else."""
