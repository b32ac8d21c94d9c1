"""The county's own template of the circular: downloaded, sent back changed, and given up again."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, File, Path, Request, UploadFile
from fastapi.responses import Response

from app.console import circular
from app.console.circular import NAMES, Listed, Name
from app.console.routes.circular import numbers
from app.console.routes.context import ContextDep, RequestContext
from app.console.routes.documents import docx
from app.console.schemas.circular_template import CircularList, CircularName, CircularTemplates
from app.directory.rights import Ability
from app.exchange import apart, own_templates
from app.exchange.apart import FaultyTemplate
from app.exchange.document_guards import MOST_BYTES
from app.exchange.documents import Values
from app.exchange.guards import MOST_SENT
from app.exchange.refusals import Refusal
from app.exchange.words import DocumentKind
from app.http.abilities import needs
from app.http.services import services
from app.kernel.language import Language, Text
from app.kernel.problems import INVALID, NOT_FOUND, FieldError, Problem, invalid
from app.reads import document_templates

router = APIRouter(prefix="/circular-template", tags=["exports"])

_MOST_VERSION = 2**31 - 1
_TEMPLATE = Text("通报模板", "Circular template")
_INDEX = Text("在列表里：第几个", "within a list: which one it is")


@router.get("", summary="Which template circulars are made from, since when, and what it may name")
@needs(Ability.CHANGE_SETTINGS)
async def read_circular_templates(context: ContextDep) -> CircularTemplates:
    def names(of: dict[str, Name], before: str = "") -> list[CircularName]:
        return [
            CircularName(name=f"{before}{name}", meaning=each.meaning.say(context.language))
            for name, each in of.items()
        ]

    loop = CircularName(name="loop.index", meaning=_INDEX.say(context.language))
    return CircularTemplates(
        items=await document_templates.templates(context.session, context.scope.county_id, DocumentKind.CIRCULAR),
        names=names({name: each for name, each in NAMES.items() if isinstance(each, Name)}),
        lists=[
            CircularList(
                name=name,
                meaning=each.meaning.say(context.language),
                begin=each.begin(name),
                end=each.end,
                names=[*names(dict(each.names), f"{each.item}."), loop],
            )
            for name, each in NAMES.items()
            if isinstance(each, Listed)
        ],
    )


@router.get("/{language}/house.docx", summary="The house's template, to be edited", response_class=Response)
@needs(Ability.CHANGE_SETTINGS)
async def read_house_template(language: Language, context: ContextDep) -> Response:
    made = await asyncio.to_thread(circular.house, language)
    return docx(made, _TEMPLATE.say(context.language))


@router.get("/{language}/{version}.docx", summary="A template of the county's own", response_class=Response)
@needs(Ability.CHANGE_SETTINGS)
async def read_own_template(
    language: Language, version: Annotated[int, Path(ge=1, le=_MOST_VERSION)], context: ContextDep
) -> Response:
    kept = await own_templates.content(
        context.session, context.scope.county_id, DocumentKind.CIRCULAR, language, version
    )
    return docx(kept, f"{_TEMPLATE.say(context.language)} {version}")


@router.put(
    "/{language}",
    max_body_size=MOST_SENT,
    summary="Make circulars from this template from now on, once it has been checked",
)
@needs(Ability.CHANGE_SETTINGS)
async def put_circular_template(
    request: Request,
    language: Language,
    context: ContextDep,
    file: Annotated[UploadFile, File(description="docx")],
) -> CircularTemplates:
    """Filled with examples and with the numbers of today first, and refused with all that is wrong and where."""
    services(request).limits.files.take(context.scope.person_id)
    template = await file.read(MOST_BYTES + 1)
    await _check(template, await _shapes(context))
    await _use(context, language, template, (file.filename or "")[-200:])
    return await read_circular_templates(context)


@router.delete("/{language}", summary="Back to the house's template; the county's own are kept")
@needs(Ability.CHANGE_SETTINGS)
async def reset_circular_template(language: Language, context: ContextDep) -> CircularTemplates:
    await _use(context, language, None)
    return await read_circular_templates(context)


async def _shapes(context: RequestContext) -> list[Values]:
    """What a template must bear: examples, and the numbers of today where there are any."""
    try:
        today = [(await numbers(context)).values]
    except Problem as problem:
        if problem.kind is not NOT_FOUND:
            raise
        today = []  # a county without a rule
    return [*circular.samples(), *today]


async def _check(template: bytes, shapes: list[Values]) -> None:
    """Raises `INVALID` at the file."""
    try:
        await apart.document(template, shapes, sample=shapes[0])
    except Refusal as why:
        raise invalid("/file", why.code, why.text, **why.values) from None
    except FaultyTemplate as wrong:
        errors = tuple(FieldError("/file", each.code, each.text, asdict(each)) for each in wrong.faults)
        raise Problem(INVALID, errors=errors) from None


async def _use(context: RequestContext, language: Language, template: bytes | None, file_name: str = "") -> None:
    await own_templates.use(
        context.session,
        context.scope.county_id,
        DocumentKind.CIRCULAR,
        language,
        template=template,
        file_name=file_name,
        actor_id=context.scope.person_id,
        now=context.now,
    )
