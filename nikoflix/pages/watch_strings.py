"""What the player's script says, in the active language."""

from typing import Any

from django.utils.translation import gettext as _


def player_strings() -> dict[str, Any]:
    """Return the words of static/js/player.js by key; placeholders in braces are filled in there."""
    return {
        "play": _("Play"),
        "pause": _("Pause"),
        "muted": _("Sound off"),
        "unmuted": _("Sound on"),
        "automatic": _("Automatic"),
        "normal_speed": _("Normal"),
        "off": _("Off"),
        "subtitles_off": _("Subtitles off"),
        "no_subtitles": _("There are no subtitles"),
        "resumed_at": _("Continued at {time}"),
        "next_episode": _("Next episode"),
        "next_in": _("starts in {seconds} s"),
        "the_end": _("You have reached the end"),
        "network_lost": _("The connection was lost. We go on as soon as it is back."),
        "server_error": _("Our server did not answer properly. Please try again in a moment."),
        "stream_refused": _("The server refused to hand out this film. Trying again asks for a new permission."),
        "stream_expired": _("The permission to watch has run out. Trying again asks for a new one."),
        "stream_failed": _("The film could not be loaded. Please try again."),
        "decode_failed": _("Your browser could not decode the film. Trying again, or another browser, may help."),
        "player_failed": _("The player could not start in this browser."),
        "error_titles": {
            "network_lost": _("No connection"),
            "session_ended": _("Playing somewhere else"),
            "too_many_streams": _("Too many screens"),
            "stream_expired": _("Permission has run out"),
            "stream_refused": _("Playback was refused"),
            "decode_failed": _("The picture cannot be shown"),
            "coming_soon": _("Coming soon"),
            "rate_limited": _("One moment, please"),
            "other": _("Playback stopped"),
        },
        "media_chrome": media_chrome_strings(),
    }


def media_chrome_strings() -> dict[str, str]:
    """Return the words of media-chrome's own controls, keyed by its English."""
    return {
        "Play": _("Play"),
        "Pause": _("Pause"),
        "Mute": _("Mute"),
        "Unmute": _("Unmute"),
        "Seek backward": _("Seek backward"),
        "Seek forward": _("Seek forward"),
        "Enter fullscreen mode": _("Full screen"),
        "Exit fullscreen mode": _("Leave full screen"),
        "Enter picture in picture mode": _("Picture in picture"),
        "Exit picture in picture mode": _("Leave picture in picture"),
        "play": _("Play"),
        "pause": _("Pause"),
        "mute": _("Mute"),
        "unmute": _("Unmute"),
        "seek": _("Position"),
        "volume": _("Volume"),
        "video player": _("Player"),
        "media loading": _("Loading"),
        "playback time": _("Position and length"),
        "seek back {seekOffset} seconds": _("{seekOffset} seconds back"),
        "seek forward {seekOffset} seconds": _("{seekOffset} seconds forward"),
        "enter fullscreen mode": _("Full screen"),
        "exit fullscreen mode": _("Leave full screen"),
        "enter picture in picture mode": _("Picture in picture"),
        "exit picture in picture mode": _("Leave picture in picture"),
        "hour": _("hour"),
        "hours": _("hours"),
        "minute": _("minute"),
        "minutes": _("minutes"),
        "second": _("second"),
        "seconds": _("seconds"),
        "{time} remaining": _("{time} remaining"),
        "{currentTime} of {totalTime}": _("{currentTime} of {totalTime}"),
        "video not loaded, unknown time.": _("Not loaded yet"),
    }
