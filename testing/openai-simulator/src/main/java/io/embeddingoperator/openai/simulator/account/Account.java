package io.embeddingoperator.openai.simulator.account;

import java.util.Set;

/**
 * What a key opens.
 *
 * @param key the API key
 * @param project the project it belongs to
 * @param organization the organisation that is billed and limited
 * @param deniedModels models that the project may not use
 */
public record Account(String key, String project, String organization, Set<String> deniedModels) {
    public static final Account DEFAULT = new Account("sk-simulator", "proj_simulator", "org-simulator", Set.of());

    public Account {
        deniedModels = Set.copyOf(deniedModels);
    }

    /** Another key of this account's project. */
    public Account withKey(String other) {
        return new Account(other, project, organization, deniedModels);
    }
}
