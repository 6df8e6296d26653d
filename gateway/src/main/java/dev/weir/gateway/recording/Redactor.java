// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

import dev.weir.snapshot.RoutingSnapshot.Redaction;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Removes from a request's body what must not be stored: fields that identify the client, and
/// private data in every text, found by built-in and configured patterns. Texts are matched one by
/// one, in their unescaped form. A body that cannot be checked completely is not stored.
///
/// Configured patterns run first, so that they match the original text.
final class Redactor {
  /// Maximum character reads for one request and all patterns.
  static final long MAX_READS = 20_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// Top-level fields that identify the client, or make an engine or provider store something.
  private static final Set<String> DROPPED =
      Set.of("user", "metadata", "store", "safety_identifier", "prompt_cache_key", "service_tier");

  /// Top-level fields that refer to state stored in an engine; without it, the request means
  /// something else.
  private static final Set<String> REFERENCES =
      Set.of("previous_response_id", "conversation", "background");

  private static final List<Rule> BUILT_IN =
      List.of(
          rule("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{4,}\\.[A-Za-z0-9_-]*", "[token]"),
          rule("(?i)\\bbearer\\s{1,4}[A-Za-z0-9._~+/=-]{8,}", "[token]"),
          rule(
              "\\b(?:sk|pk|rk|ghp|gho|ghs|glpat|hf|weir|xox[abpr])[-_][A-Za-z0-9_-]{16,}",
              "[token]"),
          rule("\\bAKIA[0-9A-Z]{16}\\b", "[token]"),
          rule(
              "(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}"
                  + "(?:\\.[A-Za-z0-9-]{1,63}){1,8}",
              "[email]"),
          new Rule(
              Pattern.compile("(?<!\\d)\\d(?:[ -]?\\d){12,18}(?!\\d)"), "[card]", Redactor::luhn),
          rule("(?<![\\d.])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\d.])", "[ip]"),
          rule(
              "(?<![\\w:])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
                  + "|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![\\w:])",
              "[ip]"),
          rule("(?<!\\w)\\+?\\d(?:[ ().-]{0,2}\\d){8,14}(?!\\w)", "[phone]"));

  private final List<Rule> rules;

  /// @param only condition on a match
  private record Rule(Pattern pattern, String replacement, Predicate<String> only) {}

  private static Rule rule(String pattern, String replacement) {
    return new Rule(Pattern.compile(pattern), replacement, _ -> true);
  }

  /// @param own the configured patterns, in this order
  ///
  /// @throws java.util.regex.PatternSyntaxException if one of them is invalid
  Redactor(List<Redaction> own) {
    rules = new ArrayList<>();
    own.forEach(redaction -> rules.add(rule(redaction.pattern(), redaction.replacement())));
    rules.addAll(BUILT_IN);
  }

  /// The body without data that must not be stored.
  ///
  /// @return empty if it cannot be stored: it is not a JSON object, refers to state stored in an
  ///   engine, or exceeds the budget of a pattern
  Optional<String> redact(byte[] body) {
    StringWriter out = new StringWriter(body.length);
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body);
        JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
      if (!object(parser, json, new BudgetedText.Budget(MAX_READS))) {
        return Optional.empty();
      }
    } catch (JacksonException | BudgetedText.BudgetExhausted | StackOverflowError e) {
      // A StackOverflowError means that a pattern with a repeated alternative failed on a long
      // text.
      return Optional.empty();
    }
    return Optional.of(out.toString());
  }

  private boolean object(JsonParser parser, JsonGenerator json, BudgetedText.Budget meter) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return false;
    }
    json.writeStartObject();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (REFERENCES.contains(name) && value != JsonToken.VALUE_NULL) {
        return false;
      }
      if (DROPPED.contains(name)) {
        parser.skipChildren();
      } else {
        json.writeName(name);
        value(parser, json, meter);
      }
    }
    json.writeEndObject();
    return parser.nextToken() == null;
  }

  /// Copies the current value of the parser.
  private void value(JsonParser parser, JsonGenerator json, BudgetedText.Budget meter) {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      switch (token) {
        case VALUE_STRING -> json.writeString(redacted(parser.getString(), meter));
        case START_OBJECT, START_ARRAY -> {
          depth++;
          json.copyCurrentEvent(parser);
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          json.copyCurrentEvent(parser);
        }
        default -> json.copyCurrentEventExact(parser);
      }
    } while (depth > 0 && parser.nextToken() != null);
  }

  private String redacted(String text, BudgetedText.Budget meter) {
    String now = text;
    for (Rule rule : rules) {
      Matcher found = rule.pattern().matcher(new BudgetedText(now, meter));
      now =
          found.replaceAll(match ->
              Matcher.quoteReplacement(
                  rule.only().test(match.group()) ? rule.replacement() : match.group()));
    }
    return now;
  }

  /// Checks the check digit of card numbers (ISO/IEC 7812-1), to exclude other long numbers.
  private static boolean luhn(String number) {
    int sum = 0;
    int place = 0;
    for (int i = number.length() - 1; i >= 0; i--) {
      int digit = Character.digit(number.charAt(i), 10);
      if (digit >= 0) {
        int weighted = place % 2 == 0 ? digit : 2 * digit;
        sum += weighted > 9 ? weighted - 9 : weighted;
        place++;
      }
    }
    return sum % 10 == 0;
  }
}
