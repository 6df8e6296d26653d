// SPDX-License-Identifier: Apache-2.0
package dev.weir.rehearsal.traffic;

import dev.weir.client.TlsTrust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Checks with `GET /v1/models` of the gateway that traffic can reach its Service.
public final class GatewayModels {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long MAX_BYTES = 16L << 20;

  private GatewayModels() {}

  /// @return whether the Service has a ready replica
  /// @throws TrafficException when the gateway does not respond, rejects the key, or does not offer
  ///   the Service to this key
  public static boolean requireService(TrafficTarget target) throws InterruptedException {
    HttpResponse<String> response = models(target);
    return switch (response.statusCode()) {
      case 200 -> ready(target, response.body());
      case 401, 403 ->
          throw new TrafficException(
              "gateway %s rejects the key (status %d): create a key with `%s` and pass it with --key"
                  .formatted(
                      target.gateway(), response.statusCode(), createKey(target.namespace())));
      default ->
          throw new TrafficException(
              "gateway %s responds with status %d to GET /v1/models: check `weir get gateways`, and the address with `weir context list`"
                  .formatted(target.gateway(), response.statusCode()));
    };
  }

  /// The command that creates a key for traffic.
  public static String createKey(String namespace) {
    return "weir key create traffic -n " + namespace + " --role inference";
  }

  private static HttpResponse<String> models(TrafficTarget target) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base(target.gateway()) + "/v1/models"))
            .timeout(TIMEOUT)
            .header("Authorization", "Bearer " + target.key())
            .build();
    try (HttpClient http = http(target)) {
      return http.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES));
    } catch (IOException unreachable) {
      throw new TrafficException(
          "gateway %s does not respond (%s): start it, or correct the address with `weir context set NAME --gateway URL`"
              .formatted(
                  target.gateway(),
                  Optional.ofNullable(unreachable.getMessage())
                      .orElse(unreachable.getClass().getSimpleName())),
          unreachable);
    }
  }

  private static HttpClient http(TrafficTarget target) {
    HttpClient.Builder http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT);
    target.ca().map(TlsTrust::only).ifPresent(http::sslContext);
    return http.build();
  }

  private static String base(URI gateway) {
    String text = gateway.toString();
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }

  private static boolean ready(TrafficTarget target, String body) {
    for (JsonNode model : list(target, body)) {
      if (model.path("id").asString("").equals(target.service())) {
        requireNamespace(target, model.path("owned_by").asString(""));
        return model.path("ready").asBoolean(true);
      }
    }
    throw new TrafficException(
        "gateway %s has no Service '%s' for this key: see `weir get services -n %s`; a key for its namespace comes from `%s`"
            .formatted(
                target.gateway(),
                target.service(),
                target.namespace(),
                createKey(target.namespace())));
  }

  private static JsonNode list(TrafficTarget target, String body) {
    try {
      return JsonMapper.shared().readTree(body).path("data");
    } catch (JacksonException notJson) {
      throw new TrafficException(
          target.gateway() + " does not respond as a gateway does: check the address", notJson);
    }
  }

  /// A key reaches the Services of its own namespace, so a Service of the same name in another
  /// namespace would get the traffic.
  private static void requireNamespace(TrafficTarget target, String owner) {
    if (!owner.equals(target.namespace())) {
      throw new TrafficException(
          "the key reaches Service '%s' of namespace '%s', not of '%s': create a key with `%s` and pass it with --key"
              .formatted(
                  target.service(), owner, target.namespace(), createKey(target.namespace())));
    }
  }
}
