// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.model.ReleaseSpec.ExternalMetric;
import dev.weir.model.ReleaseSpec.PrometheusQuery;
import dev.weir.model.check.ForbiddenAddresses;
import dev.weir.runtime.NameResolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An instant query to Prometheus' HTTP API. Never calls link-local or metadata addresses nor Weir
/// itself, follows no redirect, and gives up after ten seconds.
public final class PrometheusProbe implements Probe, AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration WHOLE = Duration.ofSeconds(10);
  private static final int MOST_CHARS = 1_000_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Supplier<Set<Integer>> ownPorts;
  private final NameResolver names;
  private final Credentials credentials;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /// Reads what a reference names.
  @FunctionalInterface
  public interface Credentials {
    /// @throws IOException when there is nothing to read; the message names the reference, never
    ///   the secret
    String read(String reference) throws IOException;
  }

  /// @param ownPorts Weir's own ports on this machine
  public PrometheusProbe(
      Supplier<Set<Integer>> ownPorts, NameResolver names, Credentials credentials) {
    this.ownPorts = ownPorts;
    this.names = names;
    this.credentials = credentials;
  }

  @Override
  public Measurement measure(ExternalMetric metric) {
    try {
      PrometheusQuery ask = metric.prometheus();
      Optional<String> forbidden = forbidden(ask.url());
      return forbidden.isPresent()
          ? new Measurement.ProviderError(forbidden.get())
          : read(call(ask), Condition.parse(metric.successCondition()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Measurement.ProviderError("interrupted");
    } catch (TimeoutException e) {
      return new Measurement.ProviderError("no answer within " + WHOLE.toSeconds() + " s");
    } catch (ExecutionException e) {
      return new Measurement.ProviderError(cause(e));
    } catch (IOException | IllegalArgumentException e) {
      return new Measurement.ProviderError(String.valueOf(e.getMessage()));
    }
  }

  private static String cause(ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return "no answer: " + cause.getClass().getSimpleName();
  }

  private Optional<String> forbidden(URI url) throws UnknownHostException {
    String host = String.valueOf(url.getHost());
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    int port = url.getPort() >= 0 ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
    try {
      for (InetAddress address : names.lookUp(bare)) {
        Optional<String> why = ForbiddenAddresses.reason(address);
        if (why.isPresent()) {
          return Optional.of("not called: " + host + " leads to " + why.get());
        }
        if (address.isLoopbackAddress() && ownPorts.get().contains(port)) {
          return Optional.of("not called: " + port + " is Weir's own port");
        }
      }
      return Optional.empty();
    } catch (UnknownHostException e) {
      return Optional.of(host + " cannot be looked up");
    }
  }

  private HttpResponse<String> call(PrometheusQuery ask)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String base = ask.url().toString().replaceAll("/+$", "");
    String query = URLEncoder.encode(ask.query(), StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/v1/query?query=" + query))
            .timeout(WHOLE)
            .header("Accept", "application/json")
            .header("User-Agent", "weir");
    if (ask.credential().isPresent()) {
      request.header("Authorization", "Bearer " + credentials.read(ask.credential().get()));
    }
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
    try {
      return answer.get(WHOLE.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      answer.cancel(true);
    }
  }

  private static Measurement read(HttpResponse<String> answer, Condition condition) {
    if (answer.statusCode() != 200 || answer.body().length() > MOST_CHARS) {
      return new Measurement.ProviderError("answered " + answer.statusCode());
    }
    try {
      JsonNode body = JSON.readTree(answer.body());
      return "success".equals(body.path("status").asString(""))
          ? judged(values(body.path("data")), condition)
          : new Measurement.ProviderError("says: " + body.path("error").asString("no success"));
    } catch (JacksonException e) {
      return new Measurement.ProviderError("the answer is no JSON");
    }
  }

  private static List<String> values(JsonNode data) {
    List<String> values = new ArrayList<>();
    switch (data.path("resultType").asString("")) {
      case "vector" -> data.path("result").forEach(one -> values.add(value(one.path("value"))));
      case "scalar" -> values.add(value(data.path("result")));
      default -> values.add("neither vector nor scalar");
    }
    return values;
  }

  private static String value(JsonNode pair) {
    return pair.path(1).asString("");
  }

  /// Every series must be as it must be; one that is not a number says nothing.
  private static Measurement judged(List<String> values, Condition condition) {
    if (values.isEmpty()) {
      return new Measurement.NoData("the query has no result");
    }
    Measurement judged = new Measurement.NoData("the query has no result");
    for (String text : values) {
      double value = number(text);
      if (Double.isNaN(value)) {
        return new Measurement.NoData("the result is no number: " + text);
      }
      judged = condition.judge(value);
      if (judged instanceof Measurement.Failed) {
        return judged;
      }
    }
    return judged;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> parsed(text);
    };
  }

  private static double parsed(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
