// SPDX-License-Identifier: Apache-2.0
package dev.weir.client;

import dev.weir.model.codec.Json;
import dev.weir.model.value.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Sends one call and converts the response into a JSON tree or an exception.
final class ApiTransport {
  /// Larger responses are rejected, to limit memory.
  private static final long MAX_RESPONSE_BYTES = 64L * 1024 * 1024;

  private static final int MAX_PROBLEM_BYTES = 1024 * 1024;

  private static final JsonMapper JSON = JsonMapper.shared();

  private final ControlEndpoint endpoint;
  private final HttpClient http;

  ApiTransport(ControlEndpoint endpoint, HttpClient http) {
    this.endpoint = endpoint;
    this.http = http;
  }

  /// A request for a path, with the API key.
  HttpRequest.Builder request(String pathAndQuery) {
    String base = endpoint.server().toString();
    String root = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + pathAndQuery));
    endpoint.key().ifPresent(key -> request.header("Authorization", "Bearer " + key));
    return request;
  }

  /// @throws WeirApiException when the control plane rejects the request
  /// @throws WeirUnreachableException when no valid response arrives
  JsonNode send(HttpRequest.Builder request) {
    HttpResponse<String> response = exchange(request);
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), response.body());
    }
    try {
      return JSON.readTree(response.body());
    } catch (JacksonException notJson) {
      throw new WeirUnreachableException(
          endpoint.server()
              + " responded, but not with JSON as a control plane does: check the address",
          notJson);
    }
  }

  /// The response body as text, for responses that are not JSON.
  String text(HttpRequest.Builder request) {
    HttpResponse<String> response = exchange(request);
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), response.body());
    }
    return response.body();
  }

  /// The response body as a stream without a time limit. The timeout applies to the response
  /// headers.
  InputStream stream(HttpRequest.Builder request) {
    HttpRequest built =
        request.timeout(endpoint.timeout()).setHeader("Accept", "text/event-stream").build();
    try {
      HttpResponse<InputStream> response = http.send(built, BodyHandlers.ofInputStream());
      if (response.statusCode() == 200) {
        return response.body();
      }
      try (InputStream body = response.body()) {
        String text = new String(body.readNBytes(MAX_PROBLEM_BYTES), StandardCharsets.UTF_8);
        throw refused(response.statusCode(), text);
      }
    } catch (IOException broken) {
      throw unreachable(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new WeirUnreachableException("interrupted while waiting for " + endpoint, interrupted);
    }
  }

  /// Sends a request with an idempotency key. If the connection breaks before the response, sends
  /// it once more; the control plane executes it once.
  JsonNode sendOnce(HttpRequest.Builder request) {
    try {
      return send(request);
    } catch (WeirUnreachableException broken) {
      boolean sent =
          broken.getCause() instanceof IOException cause
              && !(cause instanceof ConnectException)
              && !(cause instanceof HttpTimeoutException);
      if (!sent) {
        throw broken;
      }
      return send(request);
    }
  }

  /// Only the status of the response.
  int status(HttpRequest.Builder request) {
    return exchange(request).statusCode();
  }

  /// Writes the body of a successful response to a file.
  ///
  /// @param file an existing file; its content is replaced
  /// @param atMost timeout until the response headers arrive
  /// @return the headers of the response
  /// @throws WeirApiException when the control plane rejects the request
  /// @throws WeirUnreachableException when no response or an incomplete response arrives
  HttpHeaders download(HttpRequest.Builder request, Path file, Duration atMost) {
    try {
      HttpResponse<String> response =
          http.send(request.timeout(atMost).build(), answer -> body(answer, file));
      if (response.statusCode() != 200) {
        throw refused(response.statusCode(), response.body());
      }
      return response.headers();
    } catch (IOException broken) {
      throw unreachable(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new WeirUnreachableException("interrupted while waiting for " + endpoint, interrupted);
    }
  }

  private static BodySubscriber<String> body(ResponseInfo answer, Path file) {
    return answer.statusCode() == 200
        ? BodySubscribers.mapping(
            BodySubscribers.ofFile(
                file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING),
            Path::toString)
        : BodySubscribers.limiting(
            BodySubscribers.ofString(StandardCharsets.UTF_8), MAX_RESPONSE_BYTES);
  }

  /// The `Date` header of a response.
  Optional<Instant> date(HttpRequest.Builder request) {
    return exchange(request).headers().firstValue("date").flatMap(ApiTransport::instant);
  }

  private static Optional<Instant> instant(String date) {
    try {
      return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date, Instant::from));
    } catch (DateTimeParseException invalid) {
      return Optional.empty();
    }
  }

  private HttpResponse<String> exchange(HttpRequest.Builder request) {
    HttpRequest built =
        request.timeout(endpoint.timeout()).setHeader("Accept", "application/json").build();
    try {
      return http.send(built, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_RESPONSE_BYTES));
    } catch (IOException broken) {
      throw unreachable(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new WeirUnreachableException("interrupted while waiting for " + endpoint, interrupted);
    }
  }

  WeirUnreachableException unreachable(Throwable broken) {
    String server = endpoint.server().toString();
    String message =
        switch (broken) {
          case HttpConnectTimeoutException _ ->
              "no connection to " + server + " in time: check the address and the network";
          case HttpTimeoutException _ ->
              server + " did not respond within " + endpoint.timeout().toSeconds() + " s";
          case ConnectException _ ->
              "nothing listens at "
                  + server
                  + ": start Weir with `./weir up`, or set another URL with --server";
          case SSLException tls -> TlsTrust.describe(tls, server);
          default ->
              "the connection to "
                  + server
                  + " failed: "
                  + Optional.ofNullable(broken.getMessage())
                      .orElse(broken.getClass().getSimpleName())
                  + (server.startsWith("http:") ? " (if the server uses TLS, use https://)" : "");
        };
    return new WeirUnreachableException(message, broken);
  }

  private static String foreign(int status) {
    return "the server responded with status %d, but not like a control plane of Weir: check its URL (a gateway has another one)"
        .formatted(status);
  }

  static WeirApiException refused(int status, String body) {
    JsonNode problem = problem(body);
    List<Problem> errors = new ArrayList<>();
    for (JsonNode error : problem.path("errors")) {
      errors.add(Json.read(error, Problem.class));
    }
    String title = problem.path("title").asString("");
    return new WeirApiException(
        status,
        problem.path("type").asString("about:blank"),
        title.isEmpty() ? foreign(status) : title,
        problem.path("detail").asString(""),
        problem.path("instance").asString(""),
        errors);
  }

  /// A proxy's error page is not a problem document: only its status is shown, not its content.
  private static JsonNode problem(@Nullable String body) {
    try {
      JsonNode tree = JSON.readTree(body == null ? "" : body);
      return tree.isObject() ? tree : JSON.createObjectNode();
    } catch (JacksonException notJson) {
      return JSON.createObjectNode();
    }
  }
}
