"""Everything that writes the catalogue's tables."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from PIL import Image

from catalog.artwork import ENCODERS, RATIOS, Derivatives, derive, open_picture
from catalog.enums import ArtworkKind, Kind, State
from catalog.models import (
    Collection,
    CollectionItem,
    Credit,
    Episode,
    Genre,
    Person,
    Playable,
    Season,
    SportsEvent,
    Title,
)
from catalog.readiness import refresh_readiness_of
from catalog.sharing import redraw_social_cards
from catalog.slugs import slug_for

SLUG_TRIES = 50


@transaction.atomic
def create_title(*, kind: str, title_en: str, slug: str = "", **fields: Any) -> Title:
    """Make a title, with its playable unless it is a series. `slug` is a wish: a number follows it when it is taken."""
    candidates = free_slugs(slug_for(slug, title_en, fields.get("title_hi", ""), fallback=kind))
    title = _create_with_slug(candidates, kind=kind, title_en=title_en, **fields)
    keep_playable(title)
    return title


def free_slugs(base: str) -> list[str]:
    """Return slugs that no title has at this moment: `base` itself if it is free, then numbered ones. One query."""
    taken = set(Title.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (base if number == 1 else f"{base}-{number}" for number in range(1, len(taken) + SLUG_TRIES))
    return [slug for slug in numbered if slug not in taken]


def keep_playable(owner: Title | Episode) -> Playable | None:
    """Return what plays `owner`, made when it is missing; None for a series, whose episodes play."""
    if isinstance(owner, Episode):
        return Playable.objects.get_or_create(episode=owner)[0]
    return None if owner.kind == Kind.SERIES else Playable.objects.get_or_create(title=owner)[0]


def keep_trailer(title: Title) -> Playable:
    """Return what plays the trailer of `title`, made when it is missing."""
    return Playable.objects.get_or_create(trailer_of=title)[0]


def discard_trailer(title: Title) -> None:
    """Take the trailer away, with all that was made of it. Nothing happens when there is none."""
    Playable.objects.filter(trailer_of=title).delete()


def _create_with_slug(candidates: list[str], **fields: Any) -> Title:
    """Make the title under the first slug that nobody takes in the same moment."""
    for slug in candidates:
        try:
            with transaction.atomic():
                return Title.objects.create(slug=slug, **fields)
        except IntegrityError:
            if not Title.objects.filter(slug=slug).exists():
                raise
    raise IntegrityError(f"No slug is free among {candidates[0]} to {candidates[-1]}.")


@transaction.atomic
def create_episode(*, title: Title, season: int, number: int, title_en: str, **fields: Any) -> Episode:
    """Make an episode with its playable, and its season when it is the first. Raises IntegrityError for a taken number."""
    row, _made = Season.objects.get_or_create(title=title, number=season)
    episode = Episode.objects.create(season=row, number=number, title_en=title_en, **fields)
    keep_playable(episode)
    return episode


def keep_genre(*, slug: str, name_en: str, name_hi: str = "", position: int = 0) -> Genre:
    """Return the genre with this slug, made when it is missing. One that is there keeps what editors wrote."""
    fields = {"name_en": name_en, "name_hi": name_hi, "position": position}
    genre, _made = Genre.objects.get_or_create(slug=slug, defaults=fields)
    return genre


@transaction.atomic
def keep_collection(*, slug: str, titles: Sequence[Title], **fields: Any) -> Collection:
    """Return the collection of that slug, made of `titles` in their order when it is missing; what is there stays."""
    collection, made = Collection.objects.get_or_create(slug=slug, defaults=fields)
    if made:
        items = [CollectionItem(collection=collection, title=each, position=at) for at, each in enumerate(titles)]
        CollectionItem.objects.bulk_create(items)
    return collection


@transaction.atomic
def credit_person(
    title: Title,
    *,
    role: str,
    name_en: str,
    name_hi: str = "",
    character_en: str = "",
    character_hi: str = "",
    position: int = 0,
) -> Credit:
    """Name a person in a title's credits. Persons are told apart by the slug of their English name."""
    slug = slug_for(name_en, name_hi, fallback="person")
    person, _made = Person.objects.get_or_create(slug=slug, defaults={"name_en": name_en, "name_hi": name_hi})
    fields = {"character_en": character_en, "character_hi": character_hi, "position": position}
    credit, _made = Credit.objects.get_or_create(title=title, person=person, role=role, defaults=fields)
    return credit


def set_event(title: Title, **fields: Any) -> SportsEvent:
    """Say what a sports title is about."""
    return SportsEvent.objects.update_or_create(title=title, defaults=fields)[0]


@transaction.atomic
def move_window(title: Title, *, opens: datetime | None, leaves: datetime | None, released: date | None) -> bool:
    """Give a title another window, its event too when that starts as it opens.

    Not when somebody has edited it since it was published; returns whether it was moved.
    """
    untouched = Title.objects.filter(pk=title.pk, updated_at=F("published_at"))
    if not untouched.update(available_from=opens, available_until=leaves, release_date=released):
        return False
    SportsEvent.objects.filter(title=title, starts_at=title.available_from).update(starts_at=opens)
    return True


def discard_title(title: Title) -> None:
    """Take back a title that was made a moment ago and never shown. Does nothing to one that anybody may have seen."""
    Title.objects.filter(pk=title.pk, state=State.DRAFT, published_at=None).delete()


@transaction.atomic
def discard_episode(episode: Episode) -> None:
    """Take back an episode that was made a moment ago and never had a film, and its season when nothing else is in it."""
    Episode.objects.filter(pk=episode.pk, playable__ready_at=None).delete()
    Season.objects.filter(pk=episode.season_id, episodes=None).delete()


def publish_title(title: Title, *, at: datetime) -> None:
    """Show the title to viewers from now on. A published one keeps its moment."""
    changed = (
        Title.objects.filter(pk=title.pk)
        .exclude(state=State.PUBLISHED)
        .update(state=State.PUBLISHED, published_at=at, updated_at=at)
    )
    if changed:
        title.state, title.published_at = State.PUBLISHED, at


def archive_title(title: Title) -> None:
    """Take the title away from viewers; what they watched stays theirs."""
    Title.objects.filter(pk=title.pk).update(state=State.ARCHIVED)
    title.state = State.ARCHIVED


@transaction.atomic
def mark_playable_ready(playable: Playable, *, duration_ms: int | None, at: datetime) -> None:
    """Offer the playable. The first moment stays when it already is; None keeps the known duration."""
    Playable.objects.filter(pk=playable.pk).update(
        ready_at=Coalesce(F("ready_at"), Value(at)),
        duration_ms=F("duration_ms") if duration_ms is None else duration_ms,
    )
    refresh_readiness_of(playable)
    playable.refresh_from_db(fields=["ready_at", "duration_ms"])


def set_external_stream(playable: Playable, url: str) -> None:
    """Name a stream elsewhere as the playable's source. It is offered when the next check finds that it answers (P13)."""
    playable.external_hls_url = url
    playable.save(update_fields=["external_hls_url"])


@transaction.atomic
def mark_playable_unready(playable: Playable) -> None:
    Playable.objects.filter(pk=playable.pk).update(ready_at=None)
    refresh_readiness_of(playable)
    playable.ready_at = None


@transaction.atomic
def count_view(playable: Playable) -> None:
    """Add one view to the playable and to its title; a trailer's is its own alone."""
    Playable.objects.filter(pk=playable.pk).update(view_count=F("view_count") + 1)
    if playable.trailer_of_id:
        return
    if playable.title_id:
        titles = Title.objects.filter(pk=playable.title_id)
    else:
        titles = Title.objects.filter(seasons__episodes=playable.episode_id)
    titles.update(view_count=F("view_count") + 1)


def set_artwork(target: Title | Episode, kind: str, image: Image.Image | Path | IO[bytes]) -> None:
    """Give a title (`portrait`, `landscape`, `thumbnail`) or an episode (`still`) a picture in every width pages use.

    The old files go once the new ones are recorded. Raises PictureRejected; then nothing has changed.
    """
    known = set(ArtworkKind.values) if isinstance(target, Title) else {"still"}
    if kind not in known:
        raise ValueError(f"{target._meta.verbose_name} has no {kind} picture.")
    keep_artwork(target, kind, derive(open_picture(image), kind))
    _redraw_later(target)


def keep_artwork(target: Title | Episode, kind: str, made: Derivatives) -> None:
    """Store what `derive` made, here or in another process, as the picture of that kind. Social cards are left as they are."""
    folder = "titles" if isinstance(target, Title) else "episodes"
    stem = f"{folder}/{target.pk}/{kind}-{made.stem}"
    name = f"{stem}.jpg"
    _store(name, made.original)
    for (width, form), content in made.files.items():
        _store(f"{stem}-{width}.{form}", content)
    entry = {"blur": made.blur, "widths": sorted({width for width, _form in made.files}), "formats": list(ENCODERS)}
    with transaction.atomic():
        model = type(target)
        row = model.objects.select_for_update().get(pk=target.pk)
        old_name, old_entry = getattr(row, kind).name, row.artwork.get(kind, {})
        artwork = {**row.artwork, kind: entry}
        model.objects.filter(pk=target.pk).update(**{kind: name, "artwork": artwork})
        if old_name and old_name != name:
            transaction.on_commit(lambda: _delete_picture(old_name, old_entry))
    setattr(target, kind, name)
    target.artwork = artwork


def clear_artwork(target: Title | Episode, kind: str) -> None:
    """Take a picture away, with its files."""
    with transaction.atomic():
        model = type(target)
        row = model.objects.select_for_update().get(pk=target.pk)
        old_name, old_entry = getattr(row, kind).name, row.artwork.get(kind, {})
        artwork = {name: entry for name, entry in row.artwork.items() if name != kind}
        model.objects.filter(pk=target.pk).update(**{kind: "", "artwork": artwork})
        if old_name:
            transaction.on_commit(lambda: _delete_picture(old_name, old_entry))
    setattr(target, kind, "")
    target.artwork = artwork
    _redraw_later(target)


def _redraw_later(target: Title | Episode) -> None:
    """Let a title's social cards follow its artwork. Not partial: Django names a robust hook that failed by __qualname__."""
    if isinstance(target, Title):
        transaction.on_commit(lambda: redraw_social_cards(target.pk), robust=True)


def discard_artwork(target: Title | Episode) -> None:
    """Remove the files of every picture of a title or episode whose row is gone, once that is certain."""
    pictures = {kind: getattr(target, kind).name for kind in RATIOS if getattr(target, kind, None)}
    pictures |= {f"social {language}": name for language, name in target.artwork.get("social", {}).items()}
    artwork = target.artwork

    def remove() -> None:
        for kind, name in pictures.items():
            _delete_picture(name, artwork.get(kind, {}))
        if isinstance(target, Title):
            _delete_clips(target.pk)

    transaction.on_commit(remove, robust=True)


def store_ambient(title: Title, content: bytes, *, version: str) -> str:
    """Store a silent clip where pictures lie; return its name. Nobody is shown it yet.

    A version is written once; a half-written one of a worker that died is written anew.
    """
    name = f"titles/{title.pk}/ambient-{version}.mp4"
    default_storage.delete(name)
    return default_storage.save(name, ContentFile(content))


def discard_clip(title: Title, name: str) -> None:
    """Take back a clip that `store_ambient` stored, unless it is shown."""
    if not Title.objects.filter(pk=title.pk, artwork__ambient__name=name).exists():
        default_storage.delete(name)


@transaction.atomic
def set_ambient(title: Title, clip: dict[str, Any] | None) -> None:
    """Show this clip, {"name", "width", "height", "seconds"}, behind the title's name, or none; others of the title go."""
    row = Title.objects.select_for_update().filter(pk=title.pk).first()
    if row is None:
        return
    artwork = {name: entry for name, entry in row.artwork.items() if name != "ambient"}
    artwork |= {"ambient": clip} if clip else {}
    Title.objects.filter(pk=title.pk).update(artwork=artwork)
    transaction.on_commit(lambda: _delete_clips(title.pk, but=(clip or {}).get("name", "")), robust=True)
    title.artwork = artwork


def _delete_clips(title_id: UUID, *, but: str = "") -> None:
    """Remove a title's clips by what lies there: one that a worker has just stored is written down nowhere yet."""
    folder = f"titles/{title_id}"
    with suppress(FileNotFoundError):
        for file in default_storage.listdir(folder)[1]:
            if file.startswith("ambient-") and f"{folder}/{file}" != but:
                default_storage.delete(f"{folder}/{file}")


def _store(name: str, content: bytes) -> None:
    """Write a file whose name says what is in it; one that is there already is the same."""
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))


def _delete_picture(name: str, entry: dict[str, Any]) -> None:
    stem = PurePosixPath(name).with_suffix("")
    forms = entry.get("formats", ["webp"])
    for each in [name, *(f"{stem}-{width}.{form}" for width in entry.get("widths", []) for form in forms)]:
        default_storage.delete(each)
