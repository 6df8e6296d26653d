// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.spec;

import dev.weir.model.value.Default;
import dev.weir.model.value.Percentage;
import java.time.Duration;

/// How a sample of the responses of both versions is graded, which produces metric `quality`.
/// Gateways send the prompt and the response to the judge, without the version that produced it.
/// The judge thus receives client requests and the responses to them.
///
/// @param judge a Service in the same namespace that implements OpenAI's chat API
/// @param sample share of the compared requests whose responses are graded, drawn before the
///   response is known, above 0 %
/// @param instructions what makes a response good, as instructions to the judge; empty for Weir's
///   built-in instructions. At most 8,192 characters
/// @param within time from the end of a response to its grade, at most 10 min; later grades do not
///   count. The analysis waits this long for the grades of each slice
/// @param maxTokens output token limit of the judge, 1 to 4096; the grade is one number, but a
///   reasoning judge needs more
public record GradingSpec(
    String judge,
    @Default("20%") Percentage sample,
    @Default("") String instructions,
    @Default("60s") Duration within,
    @Default("16") int maxTokens) {}
