package io.embeddingoperator.runner.embed.openai.reply;

/** What one file of a batch may hold, as OpenAI counts it. */
public final class BatchFileLimits {
    /** Texts over all lines; a document of many chunks takes as many as it has. */
    public static final int INPUTS = 50_000;

    /** Bytes of the file; 200 MB are meant in powers of two. */
    public static final long BYTES = 209_715_200;

    /** Texts of one line. */
    public static final int LINE_INPUTS = 2_048;

    /** Tokens of one line, over all its texts. */
    public static final int LINE_TOKENS = 300_000;

    private BatchFileLimits() {}

    /** Whether a document is too much for one line: no file can hold it, and it is embedded by requests of its own. */
    public static boolean oversize(int inputs, long tokens, long requestBytes) {
        return inputs > LINE_INPUTS || tokens > LINE_TOKENS || requestBytes > BYTES;
    }
}
