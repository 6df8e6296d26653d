// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

import java.time.Duration;

/// How a sample of the answers of a release is graded, for both versions alike, so that metric
/// `quality` can compare them. Gateways put question and answer to the judge, which is not told
/// whose answer it is. What clients ask and get thus goes to the judge.
///
/// @param judge a Service of the same namespace that speaks OpenAI's chat API
/// @param sample share of the requests that are compared, drawn before anything is known of their
///   answers, above 0 %
/// @param instructions what makes an answer good, in words for the judge; empty for Weir's own. At
///   most 8,192 characters
/// @param within from an answer's end to its grade, at most 10 min: what is not graded by then does
///   not count. Releases wait so long for the grades of each slice
/// @param maxTokens limit on what the judge may say, 1 to 4096: a number, unless it thinks aloud
public record GradingSpec(
    String judge,
    @Default("20%") Percentage sample,
    @Default("") String instructions,
    @Default("60s") Duration within,
    @Default("16") int maxTokens) {}
