package io.embeddingoperator.runner.embed.openai.reply;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddingReplyTest {
    private static final String REPLY =
            "{\"data\": [{\"index\": 0, \"embedding\": [0.5, 0.5]}], \"usage\": {\"total_tokens\": %s}}";

    @Test
    void tellsWhatTheProviderBilled() {
        assertThat(read("7").billedTokens()).hasValue(7);
        assertThat(read("0").billedTokens()).hasValue(0);
        assertThat(read("12.0").billedTokens()).hasValue(12);
        assertThat(read("1.2e1").billedTokens()).hasValue(12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "null", "\"7\"", "[7]"})
    void aBillBelowNothingIsNone(String tokens) {
        assertThat(read(tokens).billedTokens()).isEmpty();
        assertThat(read(tokens).flaw()).isEmpty();
    }

    static Stream<Arguments> repliesOfProviders() {
        return Stream.of(
                Arguments.of(
                        "Gemini",
                        "{'object':'list','data':[{'object':'embedding','embedding':[0.5,-0.5]},{'object':'embedding','embedding':[0.5,-0.5],'index':1}],'model':'gemini-embedding-001'}",
                        null),
                Arguments.of(
                        "Mistral",
                        "{'id':'0b4d','object':'list','data':[{'object':'embedding','embedding':[0.5,-0.5],'index':0},{'object':'embedding','embedding':[0.5,-0.5],'index':1}],'model':'mistral-embed','usage':{'prompt_audio_seconds':null,'prompt_tokens':15,'total_tokens':15,'completion_tokens':0,'prompt_tokens_details':null}}",
                        15L),
                Arguments.of(
                        "Voyage",
                        "{'object':'list','data':[{'object':'embedding','embedding':'BASE64','index':0},{'object':'embedding','embedding':'BASE64','index':1}],'model':'voyage-4','usage':{'total_tokens':10}}",
                        10L),
                Arguments.of(
                        "Cohere",
                        "{'object':'list','data':[{'object':'embedding','embedding':[0.5,-0.5],'index':0},{'object':'embedding','embedding':[0.5,-0.5],'index':1}],'model':'embed-v4.0','usage':{'prompt_tokens':6,'total_tokens':6}}",
                        6L),
                Arguments.of(
                        "Jina",
                        "{'model':'jina-embeddings-v3','object':'list','usage':{'total_tokens':12,'prompt_tokens':12},'data':[{'object':'embedding','index':0,'embedding':[0.5,-0.5]},{'object':'embedding','index':1,'embedding':[0.5,-0.5]}]}",
                        12L),
                Arguments.of(
                        "DashScope",
                        "{'data':[{'embedding':[0.5,-0.5],'index':0,'object':'embedding'},{'embedding':[0.5,-0.5],'index':1,'object':'embedding'}],'model':'text-embedding-v4','object':'list','usage':{'prompt_tokens':23,'total_tokens':23},'id':'f62c2ae7'}",
                        23L),
                Arguments.of(
                        "LlamaCpp",
                        "{'model':'nomic','object':'list','usage':{'prompt_tokens':8,'total_tokens':8},'data':[{'embedding':'BASE64','index':0,'object':'embedding','encoding_format':'base64'},{'embedding':'BASE64','index':1,'object':'embedding','encoding_format':'base64'}]}",
                        8L));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("repliesOfProviders")
    void readsTheReplyOfEachProvider(String provider, String reply, Long tokens) {
        EmbeddingReply read = EmbeddingReply.read(
                reply.replace('\'', '"').replace("BASE64", "AAAAPwAAAL8=").getBytes(StandardCharsets.UTF_8), 2, 2);

        assertThat(read.flaw()).as(provider).isEmpty();
        assertThat(read.vectors()).isDeepEqualTo(new float[][] {{0.5f, -0.5f}, {0.5f, -0.5f}});
        assertThat(read.billedTokens()).isEqualTo(tokens == null ? OptionalLong.empty() : OptionalLong.of(tokens));
    }

    private static EmbeddingReply read(String tokens) {
        return EmbeddingReply.read(REPLY.formatted(tokens).getBytes(StandardCharsets.UTF_8), 1, 2);
    }
}
