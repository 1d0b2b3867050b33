# Writes the file IN as an array of C, NAME and NAME_size, to OUT: cmake -DIN= -DOUT= -DNAME= -P embed.cmake
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${hex}")
string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n\t" octets "${octets}")
file(WRITE ${OUT} "/* Made of ${NAME} by embed.cmake. */
#include \"page_asset.h\"

const unsigned char ${NAME}[] = {
	${octets}
};
const size_t ${NAME}_size = sizeof ${NAME};
")
