package io.embeddingoperator.runner.embed.openai.http;

/**
 * A header that proves who asks.
 *
 * @param prefix what stands before the secret
 */
record SecretHeader(String name, String prefix, Secret secret) {
    String value() {
        return prefix + secret.value();
    }

    /** With the secret as it is by now; the same where that is no other one. */
    SecretHeader renewed() throws OpenAiException, InterruptedException {
        return new SecretHeader(name, prefix, secret.renewed());
    }
}
