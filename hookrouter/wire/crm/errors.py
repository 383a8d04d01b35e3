"""The CRM's published table of error codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

QUOTA_SPENT_TODAY = 106
TOO_MANY_A_SECOND = 107
AUTHENTICATION_FAILED = 105
BAD_FORMAT = 101
NO_SUCH_METHOD = 204
INVALID_PARAMETERS = 205
ENTRY_EXISTS = 301
NOTHING_CHANGED = 302
NAMES_NOTHING = 303
NO_SUCH_RECORD = 404
UNKNOWN_ERROR = 999

KEY_CODES = frozenset({103, 104, AUTHENTICATION_FAILED})
"""What is wrong with the credentials."""

QUOTA_CODES = frozenset({QUOTA_SPENT_TODAY, TOO_MANY_A_SECOND})
"""What says that too much was asked."""

ABOUT_WHAT_WAS_ASKED = frozenset({205, 208, 209, 210, 212, 217, 404})
"""What is wrong with the objects that a call names, or with their number, while another call may well succeed."""

ABOUT_OBJECTS = ABOUT_WHAT_WAS_ASKED | {301, 302, 303, 206, 215, 216}
"""What is wrong with one or more objects of a write; the CRM tells it of each, and may tell it of all together."""

ABOUT_A_LEADS_HISTORY = ABOUT_WHAT_WAS_ASKED | {219, 220}
"""What is wrong with the lead or the kinds of events whose history was asked for."""

# Texts as the vendor prints them, shortened to what fits a line: code that compares them compares the code.
TEXTS: Mapping[int, str] = MappingProxyType(
    {
        101: "Invalid request data format.",
        102: "Header missing request ID.",
        103: "Header missing account ID.",
        104: "Header missing Secret Key.",
        105: "User authentication failed.",
        106: "Exceeded daily method call limit.",
        107: "Exceeded per second method call limit.",
        201: "Missing method signature.",
        202: "Missing params array.",
        203: "Missing header array.",
        204: "Invalid method signature.",
        205: "Invalid parameters.",
        206: "Missing parameters.",
        207: "Missing objects array.",
        208: "Object is malformed (expected array, got scalar).",
        209: "Attempting to execute an excess amount of queries.",
        210: "Got array, expected variable.",
        211: "Only custom fields can be deleted.",
        212: "Object is not owned by the company.",
        213: "The lead you tried to add is already a member.",
        214: "The lead you tried to add does not exist for this account.",
        215: "You have supplied an invalid country code.",
        216: "Company not found. Please make sure the ID supplied belongs to your company.",
        217: "Incorrect parameter value supplied.",
        218: "Invalid username supplied, needs to be in the form of a email address.",
        219: "Incorrect eventSource value supplied.",
        220: "Please supply a valid whoID.",
        221: "The current username/email address is already in use by another account.",
        222: "You have exceeded the amount of leads to process. A max of 100 leads is allowed.",
        223: "Please make sure to add all relevant fields for a user is supplied.",
        301: "Entry already exists.",
        302: "No table rows affected.",
        303: "Cannot add or update a child row: a foreign key constraint fails.",
        304: "No sub-accounts supplied.",
        305: "Permission denied. You are not a reseller.",
        306: "Permission denied. You do not manage these accounts.",
        307: "Sub account not found.",
        404: "A record with that ID does not exist.",
        999: "Unknown error. Please contact Constant Contact Developer Support.",
    }
)


def text_of_code(code: int) -> str:
    """What a code means; the far side's own wording is not used, for it may quote a lead's value."""
    return TEXTS.get(code, "an error that its published table does not name")
