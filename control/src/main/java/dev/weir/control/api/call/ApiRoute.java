// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// One entry of the route table, from which dispatch, access and the OpenAPI document are derived.
///
/// @param template for example `/api/v1/targets/{name}`
/// @param operation unique among all routes; OpenAPI's `operationId`
/// @param query all query parameters; any other is refused, so that a mistyped `dryRun` never
///   applies the change
/// @param answer the component schema of a successful response; empty for text
/// @param secretAnswer whether the response contains a secret that must never be stored
public record ApiRoute(
    Method method,
    String template,
    String operation,
    String summary,
    Requirement need,
    List<Parameter> query,
    Body body,
    int status,
    String answerType,
    String answer,
    boolean secretAnswer,
    Handler handler) {
  public enum Method {
    GET,
    PUT,
    POST,
    DELETE
  }

  /// What a call requires of its caller.
  public sealed interface Requirement {
    /// No key is required.
    record NoKey() implements Requirement {}

    /// Any valid key.
    record AnyKey() implements Requirement {}

    /// A permission, in the scope of the path.
    record Allowed(Permission action, Function<Map<String, String>, AccessScope> scope)
        implements Requirement {}
  }

  /// @param type OpenAPI's: `string`, `integer` or `boolean`
  public record Parameter(String name, String type, String description) {}

  /// The allowed request body.
  ///
  /// @param schema among the components; empty if it has no JSON schema
  public record Body(String schema, List<String> contentTypes, int maxBytes) {
    static final int MAX_BYTES = 4 * 1024 * 1024;
    static final Body NONE = new Body("", List.of(), 0);

    public Body {
      contentTypes = List.copyOf(contentTypes);
    }

    public static Body json(String schema) {
      return new Body(schema, List.of(ApiJson.CONTENT_TYPE), MAX_BYTES);
    }

    public static Body manifest(String schema) {
      return new Body(schema, List.of(ApiJson.CONTENT_TYPE, "application/yaml"), MAX_BYTES);
    }
  }

  /// Executes a call.
  public interface Handler {
    ApiResponse handle(ApiCall call) throws Exception;
  }

  public ApiRoute {
    query = List.copyOf(query);
  }

  /// The values of the template's parameters if the path matches it.
  public Optional<Map<String, String>> match(List<String> segments) {
    List<String> parts = split(template);
    if (parts.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      String segment = segments.get(i);
      if (part.startsWith("{")) {
        if (segment.isEmpty()) {
          return Optional.empty();
        }
        values.put(part.substring(1, part.length() - 1), segment);
      } else if (!part.equals(segment)) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  /// The names of the template's parameters, in order.
  public List<String> parameters() {
    return split(template).stream()
        .filter(part -> part.startsWith("{"))
        .map(part -> part.substring(1, part.length() - 1))
        .toList();
  }

  public static List<String> split(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  public static Builder get(String template, String operation, String summary) {
    return new Builder(Method.GET, template, operation, summary);
  }

  public static Builder put(String template, String operation, String summary) {
    return new Builder(Method.PUT, template, operation, summary);
  }

  public static Builder post(String template, String operation, String summary) {
    return new Builder(Method.POST, template, operation, summary);
  }

  public static Builder delete(String template, String operation, String summary) {
    return new Builder(Method.DELETE, template, operation, summary);
  }

  /// Builds a route.
  public static final class Builder {
    private final Method method;
    private final String template;
    private final String operation;
    private final String summary;
    private Requirement need = new Requirement.AnyKey();
    private final List<Parameter> query = new ArrayList<>();
    private Body body = Body.NONE;
    private int status = 200;
    private String answerType = ApiJson.CONTENT_TYPE;
    private String answer = "";
    private boolean secretAnswer;

    private Builder(Method method, String template, String operation, String summary) {
      this.method = method;
      this.template = template;
      this.operation = operation;
      this.summary = summary;
    }

    public Builder open() {
      need = new Requirement.NoKey();
      return this;
    }

    public Builder needs(Permission action, AccessScope scope) {
      need = new Requirement.Allowed(action, _ -> scope);
      return this;
    }

    public Builder needs(Permission action, Function<Map<String, String>, AccessScope> scope) {
      need = new Requirement.Allowed(action, scope);
      return this;
    }

    public Builder query(String name, String type, String description) {
      query.add(new Parameter(name, type, description));
      return this;
    }

    public Builder body(Body body) {
      this.body = body;
      return this;
    }

    public Builder answers(String schema) {
      answer = schema;
      return this;
    }

    public Builder answers(int status, String schema) {
      this.status = status;
      return answers(schema);
    }

    public Builder answersAs(String contentType) {
      answerType = contentType;
      return this;
    }

    public Builder secretAnswer() {
      secretAnswer = true;
      return this;
    }

    public ApiRoute to(Handler handler) {
      return new ApiRoute(
          method,
          template,
          operation,
          summary,
          need,
          query,
          body,
          status,
          answerType,
          answer,
          secretAnswer,
          handler);
    }
  }
}
