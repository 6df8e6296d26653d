// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.tree;

import dev.weir.model.notation.FieldPath;
import dev.weir.model.value.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/// Reads one JSON value (RFC 8259) from the parser's tokens, under the same limits as YAML.
public final class JsonReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(ParseLimits.MAX_DEPTH + 10)
                  .maxStringLength(ParseLimits.MAX_CHARACTERS)
                  .build())
          .build();

  private final JsonParser parser;
  private final ParseLimits.Meter meter = new ParseLimits.Meter();
  private final List<Problem> problems = new ArrayList<>();

  private JsonReader(String text) {
    this.parser = FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  /// Reads one value. If the text is not JSON, the root is `Nothing` and the document has the
  /// problem.
  public static Document read(String text) {
    Optional<Problem> tooLong = ParseLimits.tooLong(text);
    if (tooLong.isPresent()) {
      return new Document(1, new Node.Nothing(), List.of(tooLong.get()));
    }
    return new JsonReader(text).document();
  }

  private Document document() {
    Node root = new Node.Nothing();
    try (parser) {
      root = value(parser.nextToken(), "", 0);
      if (parser.nextToken() != null) {
        problems.add(
            new Problem(
                place(parser.currentTokenLocation()),
                "",
                "not JSON: unexpected content after the first value"));
      }
    } catch (ParseLimits.Refused refused) {
      problems.add(refused.problem());
    } catch (JacksonException syntax) {
      problems.add(new Problem(place(syntax.getLocation()), "", "not JSON: " + describe(syntax)));
      root = new Node.Nothing();
    }
    return new Document(1, root, problems);
  }

  private Node value(@Nullable JsonToken token, String path, int depth) {
    if (token == null) {
      throw new ParseLimits.Refused("", "", "not JSON: the text is empty or ends early");
    }
    meter.value(path, depth, 1);
    return switch (token) {
      case START_OBJECT -> object(path, depth);
      case START_ARRAY -> array(path, depth);
      case VALUE_STRING -> new Node.Text(meter.text(path, parser.getString()), true);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Node.Numeral(parser.getString());
      case VALUE_TRUE -> new Node.Bool(true, "true");
      case VALUE_FALSE -> new Node.Bool(false, "false");
      case VALUE_NULL -> new Node.Nothing();
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException(
              "the JSON parser gave " + token + " where a value belongs");
    };
  }

  private Node object(String path, int depth) {
    Map<String, Node> fields = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = meter.text(path, parser.currentName());
      String place = FieldPath.child(path, key);
      Node value = value(parser.nextToken(), place, depth + 1);
      if (fields.putIfAbsent(key, value) != null) {
        problems.add(new Problem(place, value.shown(), "appears twice: keep one of them"));
      }
    }
    return Node.mapping(fields);
  }

  private Node array(String path, int depth) {
    List<Node> items = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      items.add(value(token, FieldPath.item(path, items.size()), depth + 1));
    }
    return Node.sequence(items);
  }

  private static String place(@Nullable TokenStreamLocation location) {
    return location == null
        ? ""
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /// The parser's own messages name its classes and quote the text.
  private static String describe(JacksonException syntax) {
    return switch (syntax) {
      case UnexpectedEndOfInputException _ -> "the text ends before it is complete";
      case StreamConstraintsException _ ->
          "it is nested too deeply, or has a name or number that is too long";
      default -> "a value, a comma or a bracket is missing or wrong";
    };
  }
}
