package io.embeddingoperator.runner.embed.openai.http;

/** What proves to a server who asks. Its value goes into a header and into no message. */
sealed interface Secret permits MountedSecret, EntraToken {
    String value();

    /** Where a person gave it, as the object of a sentence. */
    String origin();

    /** As it is by now; the same where that is no other one. */
    Secret renewed() throws OpenAiException, InterruptedException;

    /** Whether it is to be renewed before it is sent. */
    default boolean isSpent() {
        return false;
    }
}
