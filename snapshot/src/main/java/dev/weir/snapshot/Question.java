// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.regex.Pattern;

/// What the control plane asks all gateways while they live: something that only they know and that
/// is wanted too seldom to be reported all the time.
///
/// @param id of this question, unique over restarts of the control plane
/// @param kind of question, such as `explain`: lower-case letters, digits and hyphens
/// @param subject what it is about, at most [#MAX_SUBJECT] characters
public record Question(String id, String kind, String subject) {
  public static final int MAX_SUBJECT = 1024;

  private static final Pattern ID = Pattern.compile("[0-9a-f]{1,32}");
  private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,39}");

  public Question {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("a question's id is 1 to 32 hex digits: '" + id + "'");
    }
    if (!KIND.matcher(kind).matches()) {
      throw new IllegalArgumentException(
          "a question's kind is 1 to 40 of a-z 0-9 - and starts with a letter: '" + kind + "'");
    }
    if (subject.length() > MAX_SUBJECT) {
      throw new IllegalArgumentException(
          "a question's subject has at most %d characters, not %d"
              .formatted(MAX_SUBJECT, subject.length()));
    }
  }
}
