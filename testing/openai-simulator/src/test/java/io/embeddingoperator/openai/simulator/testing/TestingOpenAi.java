package io.embeddingoperator.openai.simulator.testing;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.account.Account;

/** OpenAI's own client, which checks every reply and tries nothing twice. */
public final class TestingOpenAi {
    private TestingOpenAi() {}

    public static OpenAIClient client(OpenAiSimulator simulator) {
        return client(simulator, Account.DEFAULT.key());
    }

    public static OpenAIClient client(OpenAiSimulator simulator, String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(simulator.baseUri().toString())
                .apiKey(key)
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }
}
