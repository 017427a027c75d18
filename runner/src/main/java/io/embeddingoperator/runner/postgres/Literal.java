package io.embeddingoperator.runner.postgres;

/** Texts inside SQL text, where a statement takes no parameters. */
public final class Literal {
    private Literal() {}

    /** The text in single quotes, with its own doubled. */
    public static String quote(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
