"""Door 1, the phone: everything here, and nothing else, is in mobile_api_spec/openapi.yaml."""

from fastapi import APIRouter

from app.phone.routes import auth, checkins, me

router = APIRouter(prefix="/v1")
for part in (auth, me, checkins):
    router.include_router(part.router)
