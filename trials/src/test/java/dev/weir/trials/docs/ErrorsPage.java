// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.docs;

import dev.weir.control.api.call.ProblemType;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.FailureHelp;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `docs/reference/errors.md`.
final class ErrorsPage {
  private ErrorsPage() {}

  static String text() {
    ReferencePage page =
        new ReferencePage("Errors", "the error types of the control plane and of the gateway");
    control(page);
    gateway(page);
    return page.text();
  }

  private static void control(ReferencePage page) {
    page.section("Control plane");
    page.paragraph(
        "Errors are RFC 9457 problems. `type` is stable. `detail` describes the case, and `errors`"
            + " names each field of an invalid manifest.");
    page.table(
        List.of("type", "status", "`Retry-After`", "meaning", "remedy"),
        Stream.of(ProblemType.values())
            .map(type ->
                List.of(
                    ReferencePage.code(type.uri()),
                    String.valueOf(type.status()),
                    type.hasRetryAfter() ? "yes" : "no",
                    ReferencePage.sentence(type.title()),
                    type.remedy())));
  }

  private static void gateway(ReferencePage page) {
    page.section("Gateway");
    page.paragraph(
        "Errors have the form of the API that the client calls. In the form of OpenAI, `error.code`"
            + " is the stable code and `error.type` the type of this table. `cause` is who caused the"
            + " failure. Before the gateway answers with a code that is `retried`, it tries other"
            + " replicas within the retry budget.");
    page.table(
        List.of("code", "status", "type", "cause", "retried", "meaning", "remedy"),
        Stream.of(Failure.Kind.values())
            .map(kind ->
                List.of(
                    ReferencePage.code(kind.code()),
                    String.valueOf(kind.status()),
                    ReferencePage.code(kind.type()),
                    kind.attribution().name().toLowerCase(Locale.ROOT),
                    kind.retryable() ? "yes" : "no",
                    FailureHelp.meaning(kind),
                    FailureHelp.remedy(kind))));
  }
}
