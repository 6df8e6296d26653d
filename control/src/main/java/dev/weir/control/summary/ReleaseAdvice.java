// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.summary;

import dev.weir.analysis.Forecast;
import dev.weir.analysis.proof.RampPlan;
import dev.weir.model.Service;
import dev.weir.model.notation.Durations;
import dev.weir.model.spec.ReleaseSpec;
import dev.weir.model.spec.ReleaseSpec.RampSpec;
import dev.weir.model.spec.ReleaseSpec.Strategy;
import dev.weir.model.view.AdviceView;
import dev.weir.model.view.AdviceView.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/// Compares three settings of a ramp for the next release of a Service.
public final class ReleaseAdvice {
  /// A release that is expected to take longer needs a faster setting.
  private static final Duration LONG = Duration.ofHours(2);

  /// A release that is expected to be this short costs little time: the cautious setting is better.
  private static final Duration SHORT = Duration.ofMinutes(15);

  /// The answers after which an outage is certain.
  private static final double FIRST_ANSWERS = 3;

  private static final RampSpec USUAL = RampSpec.USUAL;
  private static final String CAUTIOUS = "cautious";
  private static final String FAST = "fast";

  private static final String NO_RAMP =
      "Only a canary increases its share by evidence. Use the strategy canary to compare settings.";

  private static final double MILLIS = 1000;
  private static final double PERCENT = 100;

  /// The settings. The cautious one has a quarter of the default exposure and a smaller largest
  /// weight; the fast one has five times the default exposure.
  private static final List<Choice> CHOICES =
      List.of(
          new Choice(CAUTIOUS, new RampSpec(USUAL.weights(), 20, Duration.ofMinutes(1), 5)),
          new Choice("default", USUAL),
          new Choice(FAST, new RampSpec(USUAL.weights(), 50, Duration.ofSeconds(10), 100)));

  private record Choice(String name, RampSpec ramp) {
    String release() {
      return ramp.equals(USUAL)
          ? ""
          : "ramp: {max: %.0f, minDwell: %s, exposure: %.0f}"
              .formatted(ramp.max(), Durations.print(ramp.minDwell()), ramp.exposure());
    }
  }

  private ReleaseAdvice() {}

  /// @param forecasts the forecast of a release of the Service with other settings; empty if no
  ///   version serves yet
  public static AdviceView of(
      Service service, BiFunction<Service, ReleaseSpec, Optional<Forecast>> forecasts) {
    Strategy strategy = service.spec().release().strategy();
    if (strategy != Strategy.CANARY) {
      return without(service, "a Service with the strategy " + strategy.text(), NO_RAMP);
    }
    List<Setting> settings = new ArrayList<>();
    Optional<Forecast> usual = Optional.empty();
    for (Choice choice : CHOICES) {
      ReleaseSpec release = service.spec().release().withRamp(choice.ramp());
      Optional<Forecast> forecast = forecasts.apply(service, release);
      usual = choice.ramp().equals(USUAL) ? forecast : usual;
      forecast.ifPresent(known -> settings.add(setting(choice, release, known)));
    }
    double rate = usual.map(Forecast::requestsPerSecond).orElse(0.0);
    boolean any =
        usual.filter(of -> of.requestsPerSecond() + of.generatedPerSecond() > 0).isPresent();
    Optional<Setting> recommended = recommended(settings, any);
    return new AdviceView(
        id(service),
        usual.map(TrafficForecast::source).orElse("no version of the Service serves yet"),
        rate,
        settings,
        recommended.map(Setting::name),
        recommended.map(ReleaseAdvice::reason).orElseGet(() -> without(any, service)));
  }

  private static AdviceView without(Service service, String traffic, String reason) {
    return new AdviceView(id(service), traffic, 0, List.of(), Optional.empty(), reason);
  }

  private static String id(Service service) {
    return service.metadata().namespace() + "/" + service.metadata().name();
  }

  private static Setting setting(Choice choice, ReleaseSpec release, Forecast forecast) {
    RampPlan ramp = forecast.plan().ramp().orElseThrow();
    double rate = forecast.requestsPerSecond();
    Optional<Double> proof = forecast.rampSeconds();
    double bake = release.bake().duration().toMillis() / MILLIS;
    double first = ramp.weights().getFirst();
    double top = ramp.weights().getLast();
    return new Setting(
        choice.name(),
        choice.release(),
        proof,
        proof.map(seconds -> seconds + bake),
        Math.max(FIRST_ANSWERS, ramp.possibleBadAnswers(first, rate, 1)),
        Math.max(FIRST_ANSWERS, ramp.possibleBadAnswers(top, rate, 1)),
        PERCENT * top);
  }

  private static Optional<Setting> recommended(List<Setting> settings, boolean any) {
    if (!any || settings.stream().anyMatch(each -> each.secondsToPromote().isEmpty())) {
      return Optional.empty();
    }
    Setting cautious = settings.getFirst();
    Setting usual = settings.get(1);
    if (within(cautious, SHORT)) {
      return Optional.of(cautious);
    }
    return Optional.of(within(usual, LONG) ? usual : settings.getLast());
  }

  private static boolean within(Setting setting, Duration limit) {
    return setting.secondsToPromote().orElseThrow() * MILLIS <= limit.toMillis();
  }

  private static String reason(Setting setting) {
    String time =
        Words.about(
            Duration.ofMillis(Math.round(MILLIS * setting.secondsToPromote().orElseThrow())));
    return switch (setting.name()) {
      case CAUTIOUS -> "With this traffic even the cautious setting takes only %s.".formatted(time);
      case FAST ->
          "With this traffic the other settings take longer than two hours; this one takes %s."
              .formatted(time);
      default -> "The default bounds the harm of a bad version and takes %s.".formatted(time);
    };
  }

  private static String without(boolean any, Service service) {
    return any
        ? "Too little is known about the serving version. Ask again in some minutes."
        : "A release is proven by requests. Send some, for example with `weir traffic %s`, or let gateways generate them with `release.traffic`."
            .formatted(service.metadata().name());
  }
}
