package io.embeddingoperator.runner.testing;

import io.embeddingoperator.runner.embed.TokenOffsets;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.Tokenizer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** One token a word or punctuation mark, whose id is its hash, between two special tokens. */
public record TestingTokenizer(int maxTokens) implements Tokenizer {
    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{N}]+|[^\\p{L}\\p{N}\\s\\p{C}]");
    private static final int SPECIAL = 0;

    @Override
    public int overheadTokens() {
        return 2;
    }

    @Override
    public TokenizedText tokenize(String text) {
        int[] words = TOKEN.matcher(text)
                .results()
                .mapToInt(result -> 1 + Math.floorMod(result.group().hashCode(), 1_000_000))
                .toArray();
        boolean truncated = words.length > maxTokens - 2;
        IntStream kept = IntStream.of(words).limit(maxTokens - 2L);
        IntStream special = IntStream.of(SPECIAL);
        int[] ids = IntStream.concat(IntStream.concat(special, kept), IntStream.of(SPECIAL))
                .toArray();
        return new TokenizedText(text, ids, truncated);
    }

    @Override
    public TokenOffsets offsets(String text) {
        return new TokenOffsets(
                TOKEN.matcher(text).results().mapToInt(MatchResult::start).toArray(),
                TOKEN.matcher(text).results().mapToInt(MatchResult::end).toArray());
    }
}
