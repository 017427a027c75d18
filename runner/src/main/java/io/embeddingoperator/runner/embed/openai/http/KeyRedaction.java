package io.embeddingoperator.runner.embed.openai.http;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Takes the API key out of what a server says. Servers quote it in whole or in part, such as
 * {@code Incorrect API key provided: ab12**********yz89}; a hostile one may spell it otherwise.
 *
 * @param key as it is sent
 */
record KeyRedaction(Optional<String> key) {
    private static final String REDACTED = "***";

    /** So many characters in a row that stand in the key as well are no chance. */
    private static final int SHORTEST_PART = 5;

    /** OpenAI's form of a key, and any word that has stars in it. */
    private static final Pattern PARTIAL_KEY = Pattern.compile("\\bsk-[\\w*-]+|[\\w-]*\\*{3,}[\\w*-]*");

    String apply(String text) {
        String redacted = text;
        if (key.isPresent()) {
            String whole = key.get().toLowerCase(Locale.ROOT);
            redacted = withoutParts(redacted.replace(key.get(), REDACTED), whole);
            redacted = withoutParts(redacted, new StringBuilder(whole).reverse().toString());
        }
        return PARTIAL_KEY.matcher(redacted).replaceAll(REDACTED);
    }

    private static String withoutParts(String text, String key) {
        if (key.length() < SHORTEST_PART) {
            return text;
        }
        StringBuilder rest = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int length = sharedLength(text, at, key);
            if (length >= SHORTEST_PART) {
                rest.append(REDACTED);
                at += length;
            } else {
                rest.append(text.charAt(at++));
            }
        }
        return rest.toString();
    }

    /** How many characters from here on stand in the key one after the other. */
    private static int sharedLength(String text, int at, String key) {
        int longest = 0;
        for (int from = 0; from + longest < key.length(); from++) {
            int length = 0;
            while (at + length < text.length()
                    && from + length < key.length()
                    && Character.toLowerCase(text.charAt(at + length)) == key.charAt(from + length)) {
                length++;
            }
            longest = Math.max(longest, length);
        }
        return longest;
    }
}
