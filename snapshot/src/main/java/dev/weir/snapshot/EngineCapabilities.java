// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import java.util.List;

/// What a gateway must know about the engine of a version.
///
/// @param apis paths that clients may call, in alphabetical order
/// @param completionText a broken completion continues after its prompt and the text so far
/// @param chatText a broken chat continues its last message
/// @param tokenIds the engine reports token ids on request and accepts a prompt of token ids
/// @param completionTokens tokens after which a completion without a limit ends; 0 for no such
///   limit
/// @param contextCodes codes or types of an error that mean that the request has too many tokens
/// @param contextTexts lower-case parts of the message of such an error
public record EngineCapabilities(
    List<String> apis,
    boolean completionText,
    boolean chatText,
    boolean tokenIds,
    int completionTokens,
    List<String> contextCodes,
    List<String> contextTexts) {
  public EngineCapabilities {
    apis = apis.stream().distinct().sorted().toList();
    contextCodes = List.copyOf(contextCodes);
    contextTexts = List.copyOf(contextTexts);
  }
}
