"""Tells the operator of field names that no lead has, and of what `match` hardly means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from hookrouter.config.match_doubts import MatchDoubts
from hookrouter.config.model import CRM_SINK, Config
from hookrouter.config.templates import templates_in
from hookrouter.domain.crm_write import Action
from hookrouter.domain.field_names import FieldNames
from hookrouter.domain.lead import Json
from hookrouter.wire.config.faults import Fault, Path
from hookrouter.wire.messages.template import Template
from hookrouter.wire.messages.template_mentions import fields_in, unknown_events_in
from hookrouter.wire.rules.mentions import Kind, mentions

Written = Mapping[str, object]

SINKS, FIELDS = "sinks", "fields"
MOST_TOLD = 100
"""Doubts: nobody reads more."""


@dataclass(slots=True)
class FieldDoubts:
    """The doubts about one configuration.

    Attributes:
        written: the whole file, its variables filled in.
        unjudged: names of which only the CRM can tell, and was not asked.
    """

    written: Written
    names: FieldNames
    found: list[Fault] = field(default_factory=list)
    unjudged: dict[str, None] = field(default_factory=dict)
    _judged: dict[str, str] = field(default_factory=dict)
    _doubts: MatchDoubts = field(init=False)

    def __post_init__(self) -> None:
        """Know what else the file names."""
        sources = _map(_map(self.written.get("receiver")).get("sources"))
        self._doubts = MatchDoubts(conditions=_map(self.written.get("conditions")), sources=sources)

    def look_at(self, config: Config) -> None:
        """Look through all that names fields."""
        for number, route in enumerate(_list(self.written.get("routes"))):
            self.look_at_match(_map(route).get("match"), ("routes", number, "match"))
            for place, step in enumerate(_list(_map(route).get("follow_up"))):
                self.look_at_match(_map(step).get("unless"), ("routes", number, "follow_up", place, "unless"))
        for name, condition in _map(self.written.get("conditions")).items():
            self.look_at_match(condition, ("conditions", name))
        for section in ("sinks", "defaults"):
            for name, options in _map(self.written.get(section)).items():
                self._look_at_list(_map(options).get("only"), (section, name, "only"))
        self._look_at_list(self.written.get("redact"), ("redact",))
        self._look_at_tests()
        self._look_at_what_is_written(config)
        self._look_at_templates(config)

    def look_at_match(self, match: object, path: Path) -> None:
        """Look at conditions, which may stand elsewhere than in the file."""
        for mention in mentions(cast("Json", match), path):
            is_field = mention.kind is Kind.FIELD
            doubt = "" if is_field and self.names.knows(mention.text) else self._doubts.of(mention)
            if doubt:
                self._tell(doubt, mention.path, at_key=mention.at_key)
            elif is_field:
                self._judge(mention.text, mention.path, at_key=mention.at_key)

    def _look_at_list(self, names: object, path: Path) -> None:
        for number, name in enumerate(_list(names)):
            self._judge(str(name), (*path, number))

    def _look_at_tests(self) -> None:
        for number, test in enumerate(_list(self.written.get("tests"))):
            for part in ("lead", "previous"):
                for name in _map(_map(test).get(part)):
                    self._judge(name, ("tests", number, part, name), at_key=True)

    def _look_at_what_is_written(self, config: Config) -> None:
        """The fields of leads that sinks write to the CRM; a logged call has its own, which are judged before."""
        for name, sink in config.sinks.items():
            if sink.type != CRM_SINK or sink.options["action"] == Action.LOG_CALL:
                continue
            for field_name in _map(sink.options.get(FIELDS)):
                path = self._stands_at((SINKS, name, FIELDS), sink.type)
                self._judge(field_name, (*path, field_name), at_key=True)
            for number, route in enumerate(_list(self.written.get("routes"))):
                for place, target in enumerate(_list(_map(route).get("to"))):
                    if _map(target).get("sink") == name:
                        for field_name in _map(_map(target).get(FIELDS)):
                            self._judge(field_name, ("routes", number, "to", place, FIELDS, field_name), at_key=True)

    def _look_at_templates(self, config: Config) -> None:
        for sink in config.sinks.values():
            for template, path in templates_in(sink.options, ("sinks", sink.name)):
                self._look_at_template(template, self._stands_at(path, sink.type))
        for number, route in enumerate(config.routes):
            for step in route.follow_up.steps if route.follow_up else ():
                if isinstance(step.say, Template):
                    self._look_at_template(step.say, ("routes", number, "follow_up"))
            for place, target in enumerate(route.to):
                options = config.sinks[target.sink].variants.get(route.name, {})
                said_here = {key: options[key] for key in target.overrides if key in options}
                for template, path in templates_in(said_here, ("routes", number, "to", place)):
                    self._look_at_template(template, path)

    def _stands_at(self, path: Path, kind: str) -> Path:
        """Where an option of a sink is written: with the sink, or else among the defaults."""
        section, name, *rest = path
        if rest[0] in _map(_map(self.written.get(str(section))).get(str(name))):
            return path
        defaults = _map(self.written.get("defaults"))
        where = next((each for each in (kind, "all") if rest[0] in _map(defaults.get(each))), None)
        return path if where is None else ("defaults", where, *rest)

    def _look_at_template(self, template: Template, path: Path) -> None:
        for name in dict.fromkeys(fields_in(template)):
            self._judge(name, path)
        self.found += [Fault(path=path, message=text) for text in unknown_events_in(template)]

    def _judge(self, name: str, path: Path, *, at_key: bool = False) -> None:
        if name not in self._judged:
            self._judged[name] = self.names.doubt(name)
        doubt = self._judged[name]
        if doubt:
            self._tell(doubt, path, at_key=at_key)
        elif not self.names.can_judge(name):
            self.unjudged[name] = None

    def _tell(self, doubt: str, path: Path, *, at_key: bool = False) -> None:
        if len(self.found) < MOST_TOLD:
            self.found.append(Fault(path=path, message=doubt, at_key=at_key))


def _map(value: object) -> Written:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
