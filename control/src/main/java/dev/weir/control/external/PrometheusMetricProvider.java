// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import dev.weir.control.outward.CallFailure;
import dev.weir.control.outward.OutboundHttp;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ReleaseSpec.PrometheusQuery;
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

/// Measures with instant queries to the HTTP API of Prometheus.
public final class PrometheusMetricProvider implements MetricProvider, AutoCloseable {
  private static final int MAX_RESPONSE_BYTES = 1_000_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final OutboundHttp http;
  private final Credentials credentials;

  /// Reads secrets by reference.
  @FunctionalInterface
  public interface Credentials {
    /// @throws IOException if there is no secret; the message names the reference, never the secret
    String read(String reference) throws IOException;
  }

  public PrometheusMetricProvider(OutboundHttp http, Credentials credentials) {
    this.http = http;
    this.credentials = credentials;
  }

  @Override
  public Measurement measure(ExternalMetric metric) {
    try {
      PrometheusQuery query = metric.prometheus();
      Optional<String> refusal = http.refusal(query.url());
      return refusal.isPresent()
          ? new Measurement.ProviderError(refusal.get())
          : read(call(query), ThresholdCondition.parse(metric.successCondition()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Measurement.ProviderError("interrupted");
    } catch (TimeoutException e) {
      return new Measurement.ProviderError(
          "no answer within " + OutboundHttp.CALL_TIMEOUT.toSeconds() + " s");
    } catch (ExecutionException e) {
      return new Measurement.ProviderError(CallFailure.describe(metric.prometheus().url(), e));
    } catch (IOException | IllegalArgumentException e) {
      return new Measurement.ProviderError(String.valueOf(e.getMessage()));
    }
  }

  private HttpResponse<String> call(PrometheusQuery query)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    String base = query.url().toString().replaceAll("/+$", "");
    String encoded = URLEncoder.encode(query.query(), StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + "/api/v1/query?query=" + encoded))
            .header("Accept", "application/json");
    if (query.credential().isPresent()) {
      request.header("Authorization", "Bearer " + credentials.read(query.credential().get()));
    }
    return http.call(request, MAX_RESPONSE_BYTES);
  }

  private static Measurement read(HttpResponse<String> answer, ThresholdCondition condition) {
    if (answer.statusCode() != 200) {
      return new Measurement.ProviderError("answered " + answer.statusCode());
    }
    try {
      JsonNode body = JSON.readTree(answer.body());
      return "success".equals(body.path("status").asString(""))
          ? evaluate(values(body.path("data")), condition)
          : new Measurement.ProviderError("reported: " + body.path("error").asString("no success"));
    } catch (JacksonException e) {
      return new Measurement.ProviderError("the response is not JSON");
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

  /// Every series must meet the condition. A series that is not a number gives no data.
  private static Measurement evaluate(List<String> values, ThresholdCondition condition) {
    if (values.isEmpty()) {
      return new Measurement.NoData("the query has no result");
    }
    Measurement result = new Measurement.NoData("the query has no result");
    for (String text : values) {
      double value = number(text);
      if (Double.isNaN(value)) {
        return new Measurement.NoData("the result is not a number: " + text);
      }
      result = condition.judge(value);
      if (result instanceof Measurement.Failed) {
        return result;
      }
    }
    return result;
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
