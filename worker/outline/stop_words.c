/*
 * outline/stop_words.c
 *	  The lists, in the order of their bytes.
 */
#include "outline/stop_words.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const char *const english[] = {
	"a", "able", "about", "above", "across", "actually", "after", "again", "against",
	"ago", "all", "almost", "along", "already", "also", "although", "always", "am",
	"among", "an", "and", "another", "any", "anybody", "anyone", "anything", "are",
	"aren't", "around", "as", "ask", "at", "away", "back", "be", "became", "because",
	"become", "becomes", "been", "before", "began", "begin", "begins", "behind",
	"being", "below", "best", "better", "between", "big", "both", "bring", "but", "by",
	"call", "called", "came", "can", "can't", "cannot", "chapter", "come", "comes",
	"could", "couldn't", "course", "day", "did", "didn't", "different", "do", "does",
	"doesn't", "doing", "don't", "done", "down", "during", "each", "early", "either",
	"else", "end", "enough", "even", "ever", "every", "everybody", "everyone",
	"everything", "example", "fact", "far", "few", "finally", "find", "first",
	"follow", "following", "for", "four", "from", "gave", "general", "get", "gets",
	"give", "given", "gives", "go", "goes", "going", "good", "got", "great", "had",
	"half", "happen", "happens", "hard", "has", "have", "having", "he", "hello",
	"help", "her", "here", "hers", "herself", "high", "him", "himself", "his", "how",
	"however", "hundred", "i", "i'm", "if", "important", "in", "indeed", "instead",
	"into", "is", "isn't", "it", "it's", "its", "itself", "just", "keep", "kind",
	"knew", "know", "known", "large", "last", "late", "later", "least", "lecture",
	"lecturer", "left", "less", "let", "let's", "lets", "like", "likely", "little",
	"long", "look", "looks", "lot", "made", "main", "make", "makes", "making", "many",
	"may", "maybe", "me", "mean", "means", "might", "minute", "minutes", "moment",
	"more", "morning", "most", "move", "much", "must", "my", "myself", "near", "need",
	"needs", "never", "new", "next", "nine", "no", "nobody", "none", "nor", "not",
	"nothing", "now", "number", "of", "off", "often", "ok", "okay", "old", "on",
	"once", "one", "only", "onto", "open", "opens", "or", "other", "others", "our",
	"ours", "out", "over", "own", "part", "parts", "perhaps", "please", "point",
	"possible", "put", "question", "questions", "quite", "rather", "really", "right",
	"said", "same", "saw", "say", "says", "second", "see", "seem", "seems", "seen",
	"set", "seven", "shall", "she", "short", "should", "show", "side", "simple",
	"simply", "since", "six", "slow", "slowly", "small", "so", "some", "somebody",
	"someone", "something", "sometimes", "soon", "start", "starts", "still", "subject",
	"such", "sure", "take", "takes", "talk", "tell", "ten", "than", "thank", "thanks",
	"that", "that's", "the", "their", "theirs", "them", "themselves", "then", "there",
	"there's", "therefore", "these", "they", "they're", "thing", "things", "think",
	"third", "this", "those", "though", "thousand", "three", "through", "thus", "time",
	"times", "to", "today", "together", "told", "tomorrow", "too", "took", "toward",
	"towards", "turn", "turns", "twice", "two", "type", "under", "until", "up", "upon",
	"us", "use", "used", "using", "usually", "very", "want", "was", "wasn't", "watch",
	"way", "ways", "we", "we'll", "we're", "we've", "welcome", "well", "went", "were",
	"what", "when", "where", "whether", "which", "while", "who", "whole", "whom",
	"whose", "why", "will", "with", "within", "without", "won't", "word", "words",
	"work", "would", "yeah", "year", "years", "yes", "yesterday", "yet", "you",
	"you'll", "you're", "your", "yours", "yourself",
};

static const char *const russian[] = {
	"а", "без", "более", "больше", "большой", "будем",
	"будет", "будете", "будто", "будут", "бы", "был",
	"была", "были", "было", "быть", "в", "вам", "вами",
	"вас", "ваш", "ваша", "ваше", "ваши", "вдруг", "ведь",
	"весь", "видим", "видно", "во", "вообще", "вопрос",
	"вопросы", "вот", "впрочем", "времени", "время", "все", "всегда",
	"всего", "всем", "всеми", "всех", "всю", "вся",
	"всякий", "вы", "где", "говорим", "говорить",
	"говорят", "год", "давайте", "даже", "далее", "два",
	"две", "делать", "дело", "день", "для", "до", "должен",
	"должна", "должно", "должны", "достаточно",
	"другая", "другие", "другим", "других", "другое",
	"другой", "думаю", "его", "ее", "ей", "ему", "если",
	"есть", "еще", "ж", "же", "за", "завтра", "зачем",
	"здесь", "здравствуйте", "знаем", "знать",
	"значит", "и", "из", "или", "им", "имеет", "именно",
	"иметь", "ими", "иногда", "итак", "их", "к", "каждая",
	"каждого", "каждой", "каждом", "каждую", "каждые",
	"каждый", "как", "какая", "какие", "каким", "какой",
	"кем", "когда", "кого", "количество", "ком", "кому",
	"конец", "конечно", "короче", "которая",
	"которого", "которое", "которой", "котором",
	"которому", "которую", "которые", "который",
	"которым", "которых", "кто", "куда", "лекции",
	"лекция", "ли", "либо", "лишь", "лучше", "любая",
	"любой", "люди", "между", "меня", "мне", "много",
	"мной", "мог", "могла", "могли", "могут", "моего",
	"моей", "можем", "может", "можете", "можно", "мои",
	"моим", "мой", "моя", "мы", "на", "над", "надо", "назад",
	"нам", "нами", "например", "нас", "начала", "начало",
	"наш", "наша", "наше", "нашего", "нашей", "наши", "не",
	"него", "нее", "ней", "некоторая", "некоторое",
	"некоторые", "некоторый", "несколько", "нет", "ни",
	"нибудь", "никогда", "ним", "них", "ничего", "но",
	"новый", "ну", "нужна", "нужно", "нужны", "о", "об",
	"образом", "обсудим", "обычно", "один", "одна",
	"однако", "одним", "одно", "одного", "одной", "одну",
	"около", "он", "она", "они", "оно", "опять",
	"особенно", "от", "ответ", "отсюда", "очень",
	"первая", "первое", "первой", "первую", "первый",
	"перед", "перейдем", "по", "поговорим", "под",
	"пожалуйста", "пока", "получается", "понимаем",
	"понятно", "поскольку", "после", "последний",
	"посмотрим", "потом", "потому", "почему", "почти",
	"поэтому", "правда", "практически", "при",
	"пример", "примерно", "про", "просто", "против",
	"прошлый", "пусть", "раз", "разве", "различный",
	"рассказать", "рассмотрим", "с", "сам", "сама",
	"самая", "сами", "само", "самого", "самое", "самой",
	"самом", "самую", "самые", "самый", "свое", "своего",
	"своей", "своем", "свои", "своим", "своих", "свой",
	"свою", "своя", "себе", "себя", "сегодня", "сейчас",
	"скажем", "сказал", "сказать", "следующая",
	"следующее", "следующий", "слова", "слово",
	"случае", "случай", "смотрим", "снова", "со",
	"собой", "соответственно", "соответствующий",
	"спасибо", "способ", "стали", "стало", "стать",
	"столько", "сторона", "т", "так", "такая", "также",
	"такие", "таким", "такими", "таких", "такого",
	"такое", "такой", "таком", "такую", "там", "твой",
	"те", "тебе", "тебя", "тем", "теми", "теперь", "тех",
	"то", "тогда", "того", "тоже", "той", "только", "том",
	"тому", "тот", "точно", "три", "ту", "ты", "у", "удобно",
	"уж", "уже", "хорошо", "хотим", "хотя", "хочу", "хуже",
	"части", "часть", "чаще", "чего", "чей", "человек",
	"чем", "через", "что", "чтоб", "чтобы", "чуть", "эта",
	"эти", "этим", "этими", "этих", "это", "этого", "этой",
	"этом", "этому", "этот", "эту", "я", "является",
	"являются",
};
/* clang-format on */

static const struct
{
	const char *language;
	const char *const *words;
	size_t count;
} lists[] = {
	{"en", english, sizeof english / sizeof english[0]},
	{"ru", russian, sizeof russian / sizeof russian[0]},
};

static int
by_text(const void *key, const void *entry)
{
	return strcmp(key, *(const char *const *) entry);
}

bool
stop_word(const char *language, const char *word)
{
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (strcmp(lists[i].language, language) == 0)
			return bsearch(word, lists[i].words, lists[i].count, sizeof(char *),
						   by_text) != NULL;
	return false;
}
