// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.external;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.weir.control.outward.OutboundHttp;
import dev.weir.model.spec.ReleaseSpec.ExternalMetric;
import dev.weir.model.spec.ReleaseSpec.MetricAction;
import dev.weir.model.spec.ReleaseSpec.PrometheusQuery;
import dev.weir.runtime.AddressRule;
import dev.weir.runtime.NameResolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusMetricProviderTest {
  private final AtomicReference<String> answer = new AtomicReference<>("");
  private final AtomicReference<String> asked = new AtomicReference<>("");
  private final AtomicReference<String> token = new AtomicReference<>("");
  private volatile int status = 200;
  private Set<Integer> own = Set.of();
  private HttpServer prometheus;
  private PrometheusMetricProvider probe;

  @BeforeEach
  void start() throws IOException {
    prometheus = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    prometheus.createContext("/", this::reply);
    prometheus.start();
    probe =
        new PrometheusMetricProvider(
            new OutboundHttp(new AddressRule(() -> own, NameResolver.SYSTEM)),
            reference -> "t-" + reference);
  }

  @AfterEach
  void stop() {
    probe.close();
    prometheus.stop(0);
  }

  private void reply(HttpExchange exchange) throws IOException {
    asked.set(exchange.getRequestURI().toString());
    token.set(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    byte[] body = answer.get().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private Measurement measure(String url, String condition) {
    return probe.measure(
        new ExternalMetric(
            "errors",
            new PrometheusQuery(URI.create(url), "sum(x) / 2", Optional.of("env:T")),
            condition,
            Duration.ofMinutes(1),
            Optional.empty(),
            0,
            0,
            4,
            MetricAction.ROLLBACK,
            false));
  }

  private Measurement measure(String condition) {
    return measure("http://127.0.0.1:" + prometheus.getAddress().getPort() + "/", condition);
  }

  private static String vector(String... values) {
    List<String> series = new ArrayList<>();
    for (String value : values) {
      series.add("{\"metric\":{},\"value\":[1767225600.1,\"" + value + "\"]}");
    }
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":["
        + String.join(",", series)
        + "]}}";
  }

  @Test
  void the_query_is_asked_as_prometheus_wants_it() {
    answer.set(vector("0.02"));
    assertThat(measure("< 0.05")).isEqualTo(new Measurement.Passed(.02));
    assertThat(asked.get()).isEqualTo("/api/v1/query?query=sum%28x%29+%2F+2");
    assertThat(token.get()).isEqualTo("Bearer t-env:T");
  }

  @ParameterizedTest
  @CsvSource({
    "< 0.05, true",
    "<0.02, false",
    "<= 0.02, true",
    "> 0.01, true",
    ">= 0.03, false",
    "== 0.02, true",
    "!= 0.02, false"
  })
  void each_operator_says_what_the_value_must_be(String condition, boolean holds) {
    answer.set(vector("0.02"));
    assertThat(measure(condition))
        .isEqualTo(holds ? new Measurement.Passed(.02) : new Measurement.Failed(.02));
  }

  @Test
  void every_series_must_be_as_it_must_be() {
    answer.set(vector("0.01", "0.09", "0.02"));
    assertThat(measure("< 0.05")).isEqualTo(new Measurement.Failed(.09));
    answer.set(
        "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"4\"]}}");
    assertThat(measure("< 5")).isEqualTo(new Measurement.Passed(4));
    answer.set(vector("+Inf"));
    assertThat(measure("< 5")).isInstanceOf(Measurement.Failed.class);
  }

  @Test
  void an_empty_result_and_one_that_is_no_number_are_no_data() {
    answer.set(vector());
    assertThat(measure("< 5")).isInstanceOf(Measurement.NoData.class);
    answer.set(vector("NaN"));
    assertThat(measure("< 5")).isInstanceOf(Measurement.NoData.class);
  }

  @Test
  void who_does_not_answer_as_prometheus_does_is_an_error_and_says_nothing_of_the_version() {
    answer.set("{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"parse error\"}");
    assertThat(measure("< 5")).isEqualTo(new Measurement.ProviderError("reported: parse error"));
    answer.set("<html>");
    assertThat(measure("< 5")).isInstanceOf(Measurement.ProviderError.class);
    status = 503;
    assertThat(measure("< 5")).isEqualTo(new Measurement.ProviderError("answered 503"));
    status = 302;
    assertThat(measure("< 5")).isEqualTo(new Measurement.ProviderError("answered 302"));
    prometheus.stop(0);
    assertThat(measure("< 5"))
        .isEqualTo(
            new Measurement.ProviderError(
                "cannot connect to 127.0.0.1:" + prometheus.getAddress().getPort()));
  }

  @Test
  void addresses_that_nobody_may_be_sent_to_are_not_called() {
    answer.set(vector("0.02"));
    assertThat(measure("http://169.254.169.254/", "< 5"))
        .isInstanceOfSatisfying(
            Measurement.ProviderError.class,
            error -> assertThat(error.why()).contains("not called"));
    own = Set.of(prometheus.getAddress().getPort());
    assertThat(measure("< 5"))
        .isInstanceOfSatisfying(
            Measurement.ProviderError.class,
            error -> assertThat(error.why()).contains("Weir's own port"));
    assertThat(asked.get()).isEmpty();
  }
}
