// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.control.outward.OutboundHttp;
import dev.weir.model.ReleaseSpec.ExternalMetric;
import dev.weir.model.ReleaseSpec.PrometheusQuery;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An instant query to Prometheus' HTTP API.
public final class PrometheusMetricProvider implements MetricProvider, AutoCloseable {
  private static final int MOST_BYTES = 1_000_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final OutboundHttp http;
  private final Credentials credentials;

  /// Reads what a reference names.
  @FunctionalInterface
  public interface Credentials {
    /// @throws IOException when there is nothing to read; the message names the reference, never
    ///   the secret
    String read(String reference) throws IOException;
  }

  public PrometheusMetricProvider(OutboundHttp http, Credentials credentials) {
    this.http = http;
    this.credentials = credentials;
  }

  @Override
  public Measurement measure(ExternalMetric metric) {
    try {
      PrometheusQuery ask = metric.prometheus();
      Optional<String> refusal = http.refusal(ask.url());
      return refusal.isPresent()
          ? new Measurement.ProviderError(refusal.get())
          : read(call(ask), ThresholdCondition.parse(metric.successCondition()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Measurement.ProviderError("interrupted");
    } catch (TimeoutException e) {
      return new Measurement.ProviderError(
          "no answer within " + OutboundHttp.WHOLE.toSeconds() + " s");
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

  private HttpResponse<String> call(PrometheusQuery ask)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String base = ask.url().toString().replaceAll("/+$", "");
    String query = URLEncoder.encode(ask.query(), StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/v1/query?query=" + query))
            .header("Accept", "application/json");
    if (ask.credential().isPresent()) {
      request.header("Authorization", "Bearer " + credentials.read(ask.credential().get()));
    }
    return http.call(request, MOST_BYTES);
  }

  private static Measurement read(HttpResponse<String> answer, ThresholdCondition condition) {
    if (answer.statusCode() != 200) {
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
  private static Measurement judged(List<String> values, ThresholdCondition condition) {
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
    http.close();
  }
}
