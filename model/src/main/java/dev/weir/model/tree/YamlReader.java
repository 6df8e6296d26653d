// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.notation.FieldPath;
import dev.weir.model.value.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML 1.2 from the parser's events, so that input cannot construct arbitrary objects: tags
/// are rejected, aliases count with their expanded size, and keys are unique.
public final class YamlReader {
  private final Iterator<Event> events;
  private final ParseLimits.Meter meter = new ParseLimits.Meter();
  private final Map<Anchor, Node> anchors = new HashMap<>();
  private final List<Document> documents = new ArrayList<>();
  private List<Problem> problems = new ArrayList<>();

  private YamlReader(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel("manifest")
            .setCodePointLimit(ParseLimits.MAX_CHARACTERS + 1)
            // The buffer holds the whole text, because the parser fails on a supplementary
            // character that spans two buffers.
            .setBufferSize(text.length() + 1)
            .build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /// Reads all documents. If a problem ended reading, the last document has it.
  public static List<Document> read(String text) {
    Optional<Problem> tooLong = ParseLimits.tooLong(text);
    if (tooLong.isPresent()) {
      return List.of(new Document(1, new Node.Nothing(), List.of(tooLong.get())));
    }
    return new YamlReader(text).documents();
  }

  private List<Document> documents() {
    try {
      while (events.hasNext()) {
        if (events.next() instanceof DocumentStartEvent) {
          document();
        }
      }
    } catch (ParseLimits.Refused refused) {
      broken(refused.problem());
    } catch (MarkedYamlEngineException syntax) {
      Optional<Mark> mark = syntax.getProblemMark().or(syntax::getContextMark);
      broken(
          new Problem(mark.map(YamlReader::place).orElse(""), "", "not YAML: " + describe(syntax)));
    } catch (YamlEngineException syntax) {
      broken(new Problem("", "", "not YAML: " + firstLine(syntax.getMessage())));
    }
    return documents;
  }

  private void broken(Problem problem) {
    problems.add(problem);
    documents.add(new Document(documents.size() + 1, new Node.Nothing(), problems));
  }

  private void document() {
    if (documents.size() == ParseLimits.MAX_DOCUMENTS) {
      throw new ParseLimits.Refused(
          "", "", "more than " + ParseLimits.MAX_DOCUMENTS + " documents at once: split it");
    }
    anchors.clear();
    problems = new ArrayList<>();
    Node root = node(events.next(), "", 0);
    documents.add(new Document(documents.size() + 1, root, problems));
    problems = new ArrayList<>();
  }

  private Node node(Event event, String path, int depth) {
    if (event instanceof AliasEvent alias) {
      return alias(alias, path, depth);
    }
    meter.value(path, depth, 1);
    Node node;
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), path);
      node = scalar(scalar, meter.text(path, scalar.getValue()));
    } else if (event instanceof CollectionStartEvent start) {
      refuseTag(start.getTag(), path);
      node = start instanceof MappingStartEvent ? mapping(path, depth) : sequence(path, depth);
    } else {
      throw new IllegalStateException("the YAML parser gave " + event + " where a value belongs");
    }
    if (event instanceof NodeEvent named) {
      named.getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
    }
    return node;
  }

  private static Node scalar(ScalarEvent scalar, String text) {
    return scalar.isPlain() ? PlainScalars.resolve(text) : new Node.Text(text, true);
  }

  private Node sequence(String path, int depth) {
    List<Node> items = new ArrayList<>();
    for (Event event = events.next(); !(event instanceof SequenceEndEvent); event = events.next()) {
      items.add(node(event, FieldPath.item(path, items.size()), depth + 1));
    }
    return Node.sequence(items);
  }

  private Node mapping(String path, int depth) {
    Map<String, Node> fields = new LinkedHashMap<>();
    for (Event event = events.next(); !(event instanceof MappingEndEvent); event = events.next()) {
      String key = key(event, path, depth);
      String place = FieldPath.child(path, key);
      Node value = node(events.next(), place, depth + 1);
      if (isMerge(event)) {
        problems.add(
            new Problem(path, "<<", "merge keys are not YAML 1.2: write the fields out here"));
      } else if (fields.putIfAbsent(key, value) != null) {
        problems.add(new Problem(place, value.shown(), "appears twice: keep one of them"));
      }
    }
    return Node.mapping(fields);
  }

  private String key(Event event, String path, int depth) {
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), path);
      meter.value(path, depth, 1);
      return meter.text(path, scalar.getValue());
    }
    Node complex = node(event, path, depth + 1);
    problems.add(new Problem(path, complex.shown(), "a key must be a scalar"));
    return "?";
  }

  /// A quoted `<<` is an ordinary key.
  private static boolean isMerge(Event event) {
    return event instanceof ScalarEvent scalar
        && scalar.isPlain()
        && scalar.getValue().equals("<<");
  }

  private Node alias(AliasEvent alias, String path, int depth) {
    Node target = anchors.get(alias.getAlias());
    if (target == null) {
      String name = FieldPath.shortened(alias.getAlias().getValue(), 60);
      problems.add(new Problem(path, "*" + name, "no anchor &" + name + " before it"));
      return new Node.Nothing();
    }
    meter.value(path, depth + target.height(), target.size());
    return target;
  }

  private void refuseTag(Optional<String> tag, String path) {
    tag.ifPresent(found ->
        problems.add(
            new Problem(
                path,
                FieldPath.shortened(found, 60),
                "tags are not supported: remove the tag, and write text in quotes")));
  }

  private static String place(Mark mark) {
    return "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
  }

  private static String describe(MarkedYamlEngineException syntax) {
    String problem = String.valueOf(syntax.getProblem());
    String context = syntax.getContext();
    return context == null ? problem : context + ": " + problem;
  }

  private static String firstLine(@Nullable String message) {
    return String.valueOf(message).lines().findFirst().orElse("unreadable");
  }
}
