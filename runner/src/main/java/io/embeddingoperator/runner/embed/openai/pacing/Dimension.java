package io.embeddingoperator.runner.embed.openai.pacing;

/** What an account's limits count. */
public enum Dimension {
    REQUESTS("requests"),
    TOKENS("tokens"),
    /** The part of the organisation's tokens that a project may use. */
    PROJECT_TOKENS("project-tokens");

    private final String word;

    Dimension(String word) {
        this.word = word;
    }

    /** As the names of the headers end. */
    String word() {
        return word;
    }

    /** What a request of so many tokens takes. */
    long cost(long tokens) {
        return switch (this) {
            case REQUESTS -> 1;
            case TOKENS, PROJECT_TOKENS -> tokens;
        };
    }
}
